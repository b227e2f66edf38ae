// SPDX-License-Identifier: Apache-2.0

/// One value of a histogram's bucket, and the trace it came from (OpenMetrics 1.0, section "Exemplars").
public struct Exemplar: Sendable, Hashable {
    /// The first eight bytes of the trace id, as a number.
    public var traceIDHigh: UInt64
    /// The last eight bytes of the trace id, as a number.
    public var traceIDLow: UInt64
    /// The span id, as a number.
    public var spanID: UInt64
    /// The value.
    public var value: Double
    /// When it was observed, in milliseconds since 1970.
    public var timestamp: UInt64

    public init(traceIDHigh: UInt64, traceIDLow: UInt64, spanID: UInt64, value: Double, timestamp: UInt64) {
        self.traceIDHigh = traceIDHigh
        self.traceIDLow = traceIDLow
        self.spanID = spanID
        self.value = value
        self.timestamp = timestamp
    }
}
