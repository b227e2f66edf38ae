// SPDX-License-Identifier: Apache-2.0

/// Authenticates messages with HMAC-SHA-256 under one key.
///
/// The key's inner and outer states are computed once, in `init`; each tag then costs the message's blocks and two more.
/// Thread-safe: a value that never changes. The key itself is not kept, and neither state is ever printed.
///
/// Source: RFC 2104; FIPS 198-1.
public struct HMACSHA256: Sendable {
    /// The length of a full tag, in bytes.
    public static let tagByteCount = SHA256.digestByteCount

    private let inner: SHA256
    private let outer: SHA256

    /// Prepares a key. Keys longer than a block of 64 bytes are hashed first, as RFC 2104 section 2 says.
    public init(key: [UInt8]) {
        var block = key.count > SHA256.blockByteCount ? SHA256.digest(of: key) : key
        block.append(contentsOf: repeatElement(0, count: SHA256.blockByteCount - block.count))
        var inner = SHA256()
        inner.update(block.lazy.map { $0 ^ 0x36 })
        var outer = SHA256()
        outer.update(block.lazy.map { $0 ^ 0x5c })
        (self.inner, self.outer) = (inner, outer)
    }

    /// Returns the tag of a message: 32 bytes.
    public func tag(for message: some Sequence<UInt8>) -> [UInt8] {
        var inner = inner
        inner.update(message)
        var outer = outer
        outer.update(inner.finalized())
        return outer.finalized()
    }

    /// Whether `tag` is the whole tag of `message`. Truncated tags are refused.
    ///
    /// Compares every byte whatever the first ones say, so that the time taken tells nothing about the right tag.
    public func isValid(tag: some Collection<UInt8>, for message: some Sequence<UInt8>) -> Bool {
        let expected = self.tag(for: message)
        guard tag.count == expected.count else { return false }
        var difference: UInt8 = 0
        for (given, right) in zip(tag, expected) { difference |= given ^ right }
        return difference == 0
    }
}

extension HMACSHA256: CustomStringConvertible, CustomReflectable {
    public var description: String { "HMACSHA256(key: redacted)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
