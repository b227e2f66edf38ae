// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
public import TraceContext
import Tracing

/// Takes over the trace of whoever calls, or begins one, and tells the answer's reader of it (W3C Trace Context).
///
/// The span of the request is recorded at its end, when its trace is sampled: `GET /api/v1/products/{id}`, with the
/// attributes of OpenTelemetry's conventions for HTTP servers. Its status is an error for 5xx and aborts alone. Headers
/// are never logged.
public struct RequestTracing: EdgeMiddleware {
    private let tracer: TraceContextTracer

    public init(tracer: TraceContextTracer) { self.tracer = tracer }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        let parent = exchange.request.flatMap(Self.parent)
        let span = tracer.child(of: parent)
        exchange.trace = span
        exchange.parentSpanID = parent?.spanID
        exchange.baggage = exchange.request.flatMap(Self.baggage)
        exchange.addLine("traceparent: ") { TraceParent.append(span, to: &$0) }
        return .proceed
    }

    public func complete(_ exchange: inout Exchange) {
        guard let trace = exchange.trace, trace.isSampled else { return }
        tracer.record(trace) { Self.span(of: exchange, at: trace) }
    }

    /// Two lines of `traceparent` are none: nobody knows which is right.
    private static func parent(in request: RequestHead) -> SpanContext? {
        guard var context = request.withOnlyValue(ofLowercased: TraceParent.headerName, TraceParent.parse) else {
            return nil
        }
        if let state = request.joined(ofLowercased: TraceState.headerName) { context.traceState = TraceState(state) }
        return context
    }

    private static func baggage(in request: RequestHead) -> Baggage? {
        request.joined(ofLowercased: Baggage.headerName).flatMap(Baggage.init)
    }

    private static func span(of exchange: Exchange, at trace: SpanContext) -> FinishedSpan {
        let end = DefaultTracerClock.now.nanosecondsSinceEpoch
        let (seconds, attoseconds) = exchange.duration.components
        let duration = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        let method = exchange.request.map { MethodLabel.name(of: $0.method) } ?? "_OTHER"
        var span = FinishedSpan(
            name: exchange.route.map { "\(method) \($0.path)" } ?? method, context: trace,
            parentSpanID: exchange.parentSpanID, kind: .server, startedAt: end - duration, endedAt: end)
        span.attributes.set("http.request.method", value: .string(method))
        span.attributes.set("url.scheme", value: .string("http"))
        if let request = exchange.request, request.hasValidTarget {
            span.attributes.set("url.path", value: .string(String(request.path)))
        }
        if let route = exchange.route { span.attributes.set("http.route", value: .string(route.path)) }
        if let status = exchange.status {
            span.attributes.set("http.response.status_code", value: .int64(Int64(status.code)))
        }
        if exchange.outcome != .aborted, let failure = exchange.failureType {
            span.attributes.set("error.type", value: .string(failure))
            span.status = SpanStatus(code: .error)
        }
        return span
    }
}
