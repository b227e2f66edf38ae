// SPDX-License-Identifier: Apache-2.0

public import Tracing

/// A span that has ended and is recorded.
public struct FinishedSpan: Sendable {
    /// What was done.
    public var name: String
    /// Its place in the trace.
    public var context: SpanContext
    /// The span it is a part of, here or in whoever called; nil for the first of a trace.
    public var parentSpanID: SpanID?
    /// Its part in a call.
    public var kind: SpanKind
    /// When it began, in nanoseconds since 1970.
    public var startedAt: UInt64
    /// When it ended, in nanoseconds since 1970.
    public var endedAt: UInt64
    public var attributes: SpanAttributes
    public var events: [SpanEvent]
    public var links: [SpanLink]
    /// Nil when nobody has said.
    public var status: SpanStatus?

    public init(
        name: String, context: SpanContext, parentSpanID: SpanID?, kind: SpanKind, startedAt: UInt64, endedAt: UInt64,
        attributes: SpanAttributes = [:], events: [SpanEvent] = [], links: [SpanLink] = [], status: SpanStatus? = nil
    ) {
        self.name = name
        self.context = context
        self.parentSpanID = parentSpanID
        self.kind = kind
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.attributes = attributes
        self.events = events
        self.links = links
        self.status = status
    }
}
