// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Tracing

/// Gathers what a recorded span is told, and hands it to the sink when it ends. Thread-safe.
final class SpanRecorder: Sendable {
    let context: ServiceContext
    private let sink: any SpanSink
    private let state: Mutex<State>

    private struct State {
        var span: FinishedSpan
        var hasEnded = false
    }

    /// How many events, and how many links, a span keeps; more are dropped (OpenTelemetry's default).
    private static let maximumCount = 128

    init(_ span: FinishedSpan, context: ServiceContext, sink: any SpanSink) {
        self.context = context
        self.sink = sink
        state = Mutex(State(span: span))
    }

    var isRecording: Bool { state.withLock { !$0.hasEnded } }

    func read<Value: Sendable>(_ path: KeyPath<FinishedSpan, Value>) -> Value {
        state.withLock { $0.span[keyPath: path] }
    }

    /// Changes the span, unless it has ended.
    func update(_ change: (inout FinishedSpan) -> Void) {
        state.withLock { state in
            if !state.hasEnded { change(&state.span) }
        }
    }

    func add(_ event: SpanEvent) { update { if $0.events.count < Self.maximumCount { $0.events.append(event) } } }

    func add(_ link: SpanLink) { update { if $0.links.count < Self.maximumCount { $0.links.append(link) } } }

    /// Ends the span; the first end counts.
    func end(at instant: UInt64) {
        let finished: FinishedSpan? = state.withLock { state in
            if state.hasEnded { return nil }
            state.hasEnded = true
            state.span.endedAt = instant
            return state.span
        }
        if let finished { sink.record(finished) }
    }
}
