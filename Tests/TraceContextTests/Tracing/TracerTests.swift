// SPDX-License-Identifier: Apache-2.0

import Testing
import TraceContext
import Tracing

@Suite struct `The tracer` {
    private let sink = RecordingSink()
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private struct Headers: Extractor, Injector {
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    }

    private func tracer(ratio: Double = 1) -> TraceContextTracer {
        TraceContextTracer(sampler: Sampler(ratio: ratio), sink: sink)
    }

    private func context(of headers: [String: String], tracer: TraceContextTracer) -> ServiceContext {
        var context = ServiceContext.topLevel
        tracer.extract(headers, into: &context, using: Headers())
        return context
    }

    private func headers(of context: ServiceContext, tracer: TraceContextTracer) -> [String: String] {
        var headers: [String: String] = [:]
        tracer.inject(context, into: &headers, using: Headers())
        return headers
    }

    @Test func `spans join the trace of the caller, and are recorded with what they were told`() throws {
        let tracer = tracer(ratio: 0)
        let context = context(of: ["traceparent": Self.parent, "tracestate": "a=1", "baggage": "b=2"], tracer: tracer)
        let outer = tracer.startSpan("outer", context: context, ofKind: .client)
        let inner = tracer.startSpan("inner", context: outer.context)
        #expect(outer.isRecording && inner.isRecording)
        inner.attributes.set("db.system.name", value: .string("sqlite"))
        inner.operationName = "select"
        inner.setStatus(SpanStatus(code: .error))
        inner.recordError(CancellationError())
        inner.end()
        inner.setStatus(SpanStatus(code: .ok))
        inner.end()
        outer.end()
        try #require(sink.spans.map(\.name) == ["select", "outer"])
        let (first, second) = (sink.spans[0], sink.spans[1])
        #expect(first.context.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(second.parentSpanID?.description == "00f067aa0ba902b7")
        #expect(first.parentSpanID == second.context.spanID && first.context.spanID != second.context.spanID)
        #expect(first.attributes.get("db.system.name") == .string("sqlite"))
        #expect(first.status?.code == .error && first.events.count == 1)
        #expect(first.events[0].attributes.get("exception.type") == .string("CancellationError"))
        #expect(!inner.isRecording && first.endedAt >= first.startedAt)
        let passedOn = headers(of: inner.context, tracer: tracer)
        #expect(passedOn["tracestate"] == "a=1" && passedOn["baggage"] == "b=2")
        #expect(passedOn["traceparent"] == TraceParent.serialise(first.context))
    }

    @Test func `a trace that is not sampled is passed on and not recorded`() {
        let tracer = tracer(ratio: 1)
        let parent = Self.parent.dropLast(2) + "02"
        let context = context(of: ["traceparent": String(parent), "tracestate": "a=1"], tracer: tracer)
        let span = tracer.startSpan("work", context: context)
        #expect(!span.isRecording)
        span.attributes = ["a": 1]
        span.end()
        #expect(sink.spans.isEmpty)
        #expect(headers(of: span.context, tracer: tracer) == ["traceparent": String(parent), "tracestate": "a=1"])
    }

    @Test func `what begins here is sampled by the ratio, and its parts as it is`() {
        for (ratio, expected) in [(0.0, 0...0), (0.25, 2300...2700), (1.0, 10_000...10_000)] {
            let sink = RecordingSink()
            let tracer = TraceContextTracer(
                sampler: Sampler(ratio: ratio), sink: sink, ids: IDGenerator(seed: 1, highSeed: 2))
            for _ in 0..<10_000 {
                let outer = tracer.startSpan("outer", context: .topLevel)
                let inner = tracer.startSpan("inner", context: outer.context)
                #expect(inner.isRecording == outer.isRecording)
                #expect(inner.context.spanContext?.traceID == outer.context.spanContext?.traceID)
                #expect(outer.context.spanContext?.flags.contains(.random) == true)
                outer.end()
            }
            #expect(expected.contains(sink.spans.count))
        }
    }

    @Test func `two callers' headers, and a malformed one, start a new trace`() {
        let tracer = tracer()
        for text in ["\(Self.parent),\(Self.parent)", "00-garbage", ""] {
            let context = context(of: ["traceparent": text, "tracestate": "a=1"], tracer: tracer)
            #expect(context.spanContext == nil)
        }
        // A wrong tracestate never costs the trace.
        let context = context(of: ["traceparent": Self.parent, "tracestate": "A=1"], tracer: tracer)
        #expect(context.spanContext?.traceState == nil && context.spanContext != nil)
    }

    @Test func `ids do not repeat and are spread evenly`() {
        let ids = IDGenerator()
        var seen: Set<UInt64> = []
        var ones = 0
        for _ in 0..<100_000 {
            let id = ids.spanID()
            seen.insert(id.value)
            ones += id.value.nonzeroBitCount
        }
        #expect(seen.count == 100_000)
        #expect((31.5...32.5).contains(Double(ones) / 100_000))
        #expect(ids.traceID() != IDGenerator().traceID())
    }

    @Test func `a span keeps a bounded number of events and links`() {
        let tracer = tracer()
        let span = tracer.startSpan("work", context: .topLevel)
        for _ in 0..<1000 {
            span.addEvent("event")
            span.addLink(SpanLink(context: .topLevel, attributes: [:]))
        }
        span.end()
        #expect(sink.spans[0].events.count == 128 && sink.spans[0].links.count == 128)
    }
}
