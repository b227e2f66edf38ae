// SPDX-License-Identifier: Apache-2.0

/// Computes SHA-256 message digests, in one piece or over several updates.
///
/// A value type: copying a hasher copies its state, so that a common prefix is hashed once and continued many times.
/// Messages up to 2^61 - 1 bytes; takes time linear in the message and allocates nothing but the digest it returns.
///
/// Source: FIPS 180-4, sections 5.1.1, 5.3.3 and 6.2.2.
public struct SHA256: Sendable {
    /// How digests are computed; what comes out is the same.
    public enum Implementation: Sendable, Hashable {
        /// By the processor's instructions for SHA-256 where it has them, else in Swift.
        case fastest
        /// In Swift, on any processor.
        case portable
    }

    /// The length of a digest, in bytes.
    public static let digestByteCount = 32
    /// The length of the blocks the compression function works on, in bytes.
    public static let blockByteCount = SHA256State.blockByteCount

    private var state: SHA256State
    /// The beginning of a block that is not complete yet.
    private var pending = SIMD64<UInt8>()
    private var messageByteCount: UInt64 = 0

    /// Creates a hasher of the empty message.
    public init(implementation: Implementation = .fastest) { state = SHA256State(implementation) }

    /// Returns the digest of one message: 32 bytes.
    public static func digest(of message: some Sequence<UInt8>) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(message)
        return hasher.finalized()
    }

    /// Calls `body` with the digest of one message, which is only good inside it; allocates nothing.
    public static func withDigest<Result>(
        of message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        var state = SHA256State(.fastest)
        let wholeByteCount = message.count & ~(blockByteCount - 1)
        state.compress(UnsafeRawBufferPointer(rebasing: message.prefix(wholeByteCount)))
        state.finish(
            UnsafeRawBufferPointer(rebasing: message.dropFirst(wholeByteCount)),
            messageByteCount: UInt64(message.count))
        return state.withDigestBytes(body)
    }

    /// Appends bytes to the message.
    public mutating func update(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// Appends bytes to the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        let pendingCount = self.pendingCount
        messageByteCount &+= UInt64(bytes.count)
        if pendingCount > 0 {
            let taken = min(rest.count, Self.blockByteCount - pendingCount)
            withUnsafeMutableBytes(of: &pending) { pending in
                UnsafeMutableRawBufferPointer(rebasing: pending[pendingCount...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(taken)))
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(taken))
            guard pendingCount + taken == Self.blockByteCount else { return }
            withUnsafeBytes(of: pending) { state.compress($0) }
        }
        let wholeByteCount = rest.count & ~(Self.blockByteCount - 1)
        state.compress(UnsafeRawBufferPointer(rebasing: rest.prefix(wholeByteCount)))
        withUnsafeMutableBytes(of: &pending) { pending in
            pending.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.dropFirst(wholeByteCount)))
        }
    }

    /// Returns the digest of the message so far: 32 bytes. The hasher itself stays as it is.
    public func finalized() -> [UInt8] {
        var last = state
        withUnsafeBytes(of: pending) { pending in
            last.finish(
                UnsafeRawBufferPointer(rebasing: pending.prefix(pendingCount)), messageByteCount: messageByteCount)
        }
        return last.digest
    }

    private var pendingCount: Int { Int(truncatingIfNeeded: messageByteCount) & (Self.blockByteCount - 1) }
}
