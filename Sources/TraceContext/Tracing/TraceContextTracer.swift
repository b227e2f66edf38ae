// SPDX-License-Identifier: Apache-2.0

public import Tracing

/// A tracer of swift-distributed-tracing that carries W3C trace context: spans of libraries join the trace of the
/// request that they work for, and calls to other services pass it on.
///
/// ```swift
/// InstrumentationSystem.bootstrap(TraceContextTracer(sampler: Sampler(ratio: 0.1), sink: LoggingSpanSink(logger:
/// logger)))
/// ```
///
/// Spans of traces that are not sampled are not recorded and cost at most one allocation; their trace is passed on all
/// the same. Thread-safe.
public struct TraceContextTracer: Tracer {
    public typealias Span = TraceSpan

    private let sampler: Sampler
    private let sink: any SpanSink
    private let ids: IDGenerator

    /// - Parameters:
    ///   - sampler: Which of the traces that begin here are recorded.
    ///   - sink: Where recorded spans go.
    public init(sampler: Sampler, sink: any SpanSink, ids: IDGenerator = IDGenerator()) {
        self.sampler = sampler
        self.sink = sink
        self.ids = ids
    }

    // MARK: - Places in traces

    /// The place of a new span behind `parent`: in its trace, with its flags and its state; in a new trace when there
    /// is none.
    public func child(of parent: SpanContext?) -> SpanContext {
        if var context = parent {
            context.spanID = ids.spanID()
            return context
        }
        let traceID = ids.traceID()
        let flags: TraceFlags = sampler.samples(traceID) ? [.sampled, .random] : .random
        return SpanContext(traceID: traceID, spanID: ids.spanID(), flags: flags)
    }

    /// Hands over a span that was put together elsewhere, when its trace is sampled.
    public func record(_ context: SpanContext, _ makeSpan: () -> FinishedSpan) {
        if context.isSampled { sink.record(makeSpan()) }
    }

    // MARK: - Tracer

    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> TraceSpan {
        var context = context()
        let parent = context.spanContext
        if let parent, !parent.isSampled { return TraceSpan(storage: .passing(parent: context, begun: nil)) }
        let place = child(of: parent)
        guard place.isSampled else { return TraceSpan(storage: .passing(parent: context, begun: place)) }
        context.spanContext = place
        let startedAt = instant().nanosecondsSinceEpoch
        let span = FinishedSpan(
            name: operationName, context: place, parentSpanID: parent?.spanID, kind: kind, startedAt: startedAt,
            endedAt: startedAt)
        return TraceSpan(storage: .recorded(SpanRecorder(span, context: context, sink: sink)))
    }

    public func forceFlush() { sink.flush() }

    // MARK: - Instrument

    /// Takes the trace over that whoever calls has put into the carrier's headers. Values of several lines must be
    /// joined with commas, which makes two `traceparent` a malformed one.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        if let baggage = extractor.extract(key: Baggage.headerName, from: carrier).flatMap(Baggage.init) {
            context.baggage = baggage
        }
        guard
            var parent = extractor.extract(key: TraceParent.headerName, from: carrier).flatMap({ TraceParent.parse($0) }
            )
        else { return }
        parent.traceState = extractor.extract(key: TraceState.headerName, from: carrier).flatMap(TraceState.init)
        context.spanContext = parent
    }

    /// Puts the trace of the context into the headers of a call.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let baggage = context.baggage { injector.inject(baggage.text, forKey: Baggage.headerName, into: &carrier) }
        guard let span = context.spanContext else { return }
        injector.inject(TraceParent.serialise(span), forKey: TraceParent.headerName, into: &carrier)
        if let state = span.traceState { injector.inject(state.text, forKey: TraceState.headerName, into: &carrier) }
    }
}
