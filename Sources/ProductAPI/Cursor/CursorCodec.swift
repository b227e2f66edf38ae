// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import JWT
package import Products
import Synchronization

/// Makes the cursors of lists, and reads them back: opaque, signed, and good for 24 hours and for one list only.
///
/// A cursor is base64url of `seconds of its making (8 bytes) · sequence (8) · key · tag (32)`, the tag being the
/// HMAC-SHA-256 of the other parts and the list's scope. A tag computed with the key is all that is trusted.
/// Thread-safe.
package final class CursorCodec: Sendable {
    private let keys: any CursorKeyStore
    private let clock: any WallClock
    private let authenticator = Mutex<HMACSHA256?>(nil)

    private static let lifetimeInSeconds: Int64 = 24 * 60 * 60
    /// Longer than any cursor that is made: a name of 100 characters of four bytes is the longest key.
    private static let maximumLength = 1024

    package init(keys: any CursorKeyStore, clock: any WallClock = SystemWallClock()) {
        self.keys = keys
        self.clock = clock
    }

    /// Throws ``ProductError/unavailable(_:)`` when the store of the key does not answer.
    func encode(_ position: PagePosition, for scope: CursorScope) async throws(ProductError) -> String {
        var bytes = Self.bigEndian(clock.now.secondsSinceEpoch) + Self.bigEndian(position.sequence)
        switch position.key {
        case .createdAt: break
        case .price(let price): bytes += Self.bigEndian(price.cents)
        case .name(let name): bytes += name.utf8
        }
        let tag = try await authenticator().tag(for: bytes + scope.bytes)
        return Base64URL.encode(bytes + tag)
    }

    /// Throws a ``Problem`` of status 400 when the cursor was not given for this list, or too long ago.
    func decode(_ cursor: String, for scope: CursorScope, in order: ProductOrder) async throws -> PagePosition {
        guard cursor.utf8.count <= Self.maximumLength, let bytes = Base64URL.decode(cursor.utf8),
            bytes.count >= 16 + HMACSHA256.tagByteCount
        else { throw Self.invalid }
        let (signed, tag) = (bytes.dropLast(HMACSHA256.tagByteCount), bytes.suffix(HMACSHA256.tagByteCount))
        guard try await authenticator().isValid(tag: tag, for: signed + scope.bytes) else { throw Self.invalid }
        let age = clock.now.secondsSinceEpoch - Self.integer(signed.prefix(8))
        guard age < Self.lifetimeInSeconds else { throw Self.invalid }
        let sequence = Self.integer(signed.dropFirst(8).prefix(8))
        let key = signed.dropFirst(16)
        switch order.key {
        case .createdAt: return PagePosition(key: .createdAt, sequence: sequence)
        case .price: return PagePosition(key: .price(Money(cents: Self.integer(key))), sequence: sequence)
        case .name: return PagePosition(key: .name(String(decoding: key, as: UTF8.self)), sequence: sequence)
        }
    }

    private func authenticator() async throws(ProductError) -> HMACSHA256 {
        if let known = authenticator.withLock({ $0 }) { return known }
        let made = HMACSHA256(key: try await keys.cursorKey())
        authenticator.withLock { $0 = made }
        return made
    }

    private static var invalid: Problem {
        Problem(
            status: .badRequest, type: "invalid-cursor", title: "Invalid cursor",
            detail: "The cursor was not given for this list, or more than a day ago: start from the first page.")
    }

    private static func bigEndian(_ value: Int64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Int64($0)) }
    }

    private static func integer(_ bytes: some Sequence<UInt8>) -> Int64 { bytes.reduce(0) { $0 << 8 | Int64($1) } }
}
