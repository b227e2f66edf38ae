// SPDX-License-Identifier: Apache-2.0

/// Tells a span from the others of its trace: 8 bytes, not all zero (Trace Context section 3.2.2.4, where it is
/// `parent-id`).
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
    /// The eight bytes, as a number.
    public let value: UInt64

    /// Nil when it is zero.
    public init?(_ value: UInt64) {
        if value == 0 { return nil }
        self.value = value
    }

    /// 16 hexadecimal digits in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 16) { bytes in
            Hexadecimal.write(value, to: bytes, at: 0)
            return 16
        }
    }
}
