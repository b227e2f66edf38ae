// SPDX-License-Identifier: Apache-2.0

/// Takes the spans that have ended: a log, a test, later an exporter. Thread-safe.
public protocol SpanSink: Sendable {
    /// Takes a span. Called where the span ends, perhaps on an event loop: must neither block nor keep spans without a
    /// limit.
    func record(_ span: FinishedSpan)

    /// Sends on what was taken so far.
    func flush()
}

extension SpanSink {
    public func flush() {}
}

/// Takes no span.
public struct NoSpanSink: SpanSink {
    public init() {}

    public func record(_ span: FinishedSpan) {}
}
