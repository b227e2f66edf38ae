// SPDX-License-Identifier: Apache-2.0

/// Decides which traces are recorded: those that whoever called records; and of those that begin here, a share.
///
/// The share is taken by the last seven bytes of the trace id, so that every service that takes one as large takes the
/// same traces (OpenTelemetry, TraceState: Probability Sampling).
public struct Sampler: Sendable, Hashable {
    /// The share of the traces that begin here: 0 to 1.
    public let ratio: Double
    private let threshold: UInt64

    /// - Parameter ratio: 0 for none to 1 for all; what lies outside counts as the nearer end, and no number as 0.
    public init(ratio: Double) {
        self.ratio = ratio.isNaN ? 0 : min(max(ratio, 0), 1)
        threshold = UInt64(((1 - self.ratio) * Double(UInt64(1) << 56)).rounded())
    }

    /// Whether a trace that begins here is recorded.
    public func samples(_ traceID: TraceID) -> Bool { traceID.low & (1 << 56 - 1) >= threshold }
}
