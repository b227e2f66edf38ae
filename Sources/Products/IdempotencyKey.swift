// SPDX-License-Identifier: Apache-2.0

/// A caller's name for one request to create, so that sending it again creates nothing more.
package struct IdempotencyKey: Sendable, Hashable {
    package static let lengths = 1...255
    /// How long a key is remembered: 24 hours, in seconds.
    package static let lifetimeInSeconds: Int64 = 24 * 60 * 60

    /// Whose key it is: the same value of two callers is two keys.
    package let caller: Caller
    package let value: String

    /// Throws ``ProductError/invalid(_:)`` unless `value` is 1 to 255 visible ASCII characters.
    package init(caller: Caller, value: String) throws(ProductError) {
        guard Self.lengths.contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            let detail = "the Idempotency-Key must be 1 to 255 visible ASCII characters"
            throw .invalid([FieldProblem(pointer: "", detail: detail)])
        }
        self.caller = caller
        self.value = value
    }

    /// Whether a key remembered with a product of that time is forgotten by now.
    package static func isExpired(createdAt: Timestamp, at now: Timestamp) -> Bool {
        now >= createdAt.advanced(bySeconds: lifetimeInSeconds)
    }
}
