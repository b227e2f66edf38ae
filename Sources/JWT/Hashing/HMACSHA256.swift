// SPDX-License-Identifier: Apache-2.0

/// Authenticates messages with HMAC-SHA-256 under one key.
///
/// The key's inner and outer states are computed once, in `init`; each tag then costs the message's blocks and two
/// more. Thread-safe: a value that never changes. The key itself is not kept, and neither state is ever printed.
///
/// Source: RFC 2104; FIPS 198-1.
public struct HMACSHA256: Sendable {
    /// The length of a full tag, in bytes.
    public static let tagByteCount = SHA256.digestByteCount

    private let inner: SHA256State
    private let outer: SHA256State

    /// Prepares a key. Keys longer than a block of 64 bytes are hashed first, as RFC 2104 section 2 says.
    public init(key: [UInt8], implementation: SHA256.Implementation = .fastest) {
        var block = key.count > SHA256.blockByteCount ? SHA256.digest(of: key) : key
        block.append(contentsOf: repeatElement(0, count: SHA256.blockByteCount - block.count))
        inner = Self.state(after: block, xor: 0x36, implementation)
        outer = Self.state(after: block, xor: 0x5c, implementation)
    }

    private static func state(
        after block: [UInt8], xor mask: UInt8, _ implementation: SHA256.Implementation
    ) -> SHA256State {
        var state = SHA256State(implementation)
        block.map { $0 ^ mask }.withUnsafeBytes { state.compress($0) }
        return state
    }

    /// Returns the tag of a message: 32 bytes.
    public func tag(for message: some Sequence<UInt8>) -> [UInt8] {
        Self.withBytes(of: message) { state(of: $0).digest }
    }

    /// Whether `tag` is the whole tag of `message`. Truncated tags are refused.
    ///
    /// Compares every byte whatever the first ones say, so that the time taken tells nothing about the right tag.
    public func isValid(tag: some Sequence<UInt8>, for message: some Sequence<UInt8>) -> Bool {
        Self.withBytes(of: tag) { tag in Self.withBytes(of: message) { isValid(tag: tag, for: $0) } }
    }

    /// Whether `tag` is the whole tag of `message`, without an allocation.
    public func isValid(tag: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer) -> Bool {
        guard tag.count == Self.tagByteCount else { return false }
        return state(of: message).withDigestBytes { expected in
            var difference: UInt8 = 0
            for index in 0..<Self.tagByteCount { difference |= tag[index] ^ expected[index] }
            return difference == 0
        }
    }

    /// The state whose digest is the tag.
    private func state(of message: UnsafeRawBufferPointer) -> SHA256State {
        var inner = inner
        let wholeByteCount = message.count & ~(SHA256.blockByteCount - 1)
        inner.compress(UnsafeRawBufferPointer(rebasing: message.prefix(wholeByteCount)))
        inner.finish(
            UnsafeRawBufferPointer(rebasing: message.dropFirst(wholeByteCount)),
            messageByteCount: UInt64(SHA256.blockByteCount + message.count))
        var outer = outer
        inner.withDigestBytes { digest in
            outer.finish(digest, messageByteCount: UInt64(SHA256.blockByteCount + Self.tagByteCount))
        }
        return outer
    }

    private static func withBytes<Result>(
        of sequence: some Sequence<UInt8>, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        sequence.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
            ?? Array(sequence).withUnsafeBytes { body($0) }
    }
}

extension HMACSHA256: CustomStringConvertible, CustomReflectable {
    public var description: String { "HMACSHA256(key: redacted)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
