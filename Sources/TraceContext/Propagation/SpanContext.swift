// SPDX-License-Identifier: Apache-2.0

/// A span's place in its trace: what is passed on to whoever is called.
public struct SpanContext: Sendable, Hashable {
    /// The trace.
    public var traceID: TraceID
    /// The span.
    public var spanID: SpanID
    /// What is said of the whole trace.
    public var flags: TraceFlags
    /// What tracing systems along the way have added.
    public var traceState: TraceState?

    public init(traceID: TraceID, spanID: SpanID, flags: TraceFlags = [], traceState: TraceState? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
        self.traceState = traceState
    }

    /// Whether its spans are recorded.
    public var isSampled: Bool { flags.contains(.sampled) }
}
