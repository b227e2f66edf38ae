// SPDX-License-Identifier: Apache-2.0

/// Tells a trace from all others: 16 bytes, not all zero (Trace Context section 3.2.2.3).
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
    /// The first eight bytes, as a number.
    public let high: UInt64
    /// The last eight bytes, as a number.
    public let low: UInt64

    /// Nil when both halves are zero.
    public init?(high: UInt64, low: UInt64) {
        if high | low == 0 { return nil }
        self.high = high
        self.low = low
    }

    /// 32 hexadecimal digits in lower case.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { bytes in
            Hexadecimal.write(high, to: bytes, at: 0)
            Hexadecimal.write(low, to: bytes, at: 16)
            return 32
        }
    }
}
