// SPDX-License-Identifier: Apache-2.0

public import Tracing

/// A span of the ``TraceContextTracer``: one that is recorded, or one that only passes its trace on and costs nothing.
public struct TraceSpan: Tracing.Span {
    enum Storage {
        case recorded(SpanRecorder)
        /// - Parameters:
        ///   - parent: The context that the span was started in.
        ///   - begun: The trace that begins with it; nil when it goes on with that of `parent`.
        case passing(parent: ServiceContext, begun: SpanContext?)
    }

    let storage: Storage

    /// What work inside the span runs in.
    public var context: ServiceContext {
        switch storage {
        case .recorded(let recorder): return recorder.context
        case .passing(var context, let begun):
            if let begun { context.spanContext = begun }
            return context
        }
    }

    public var operationName: String {
        get { recorder?.read(\.name) ?? "" }
        nonmutating set { recorder?.update { $0.name = newValue } }
    }

    public var attributes: SpanAttributes {
        get { recorder?.read(\.attributes) ?? [:] }
        nonmutating set { recorder?.update { $0.attributes = newValue } }
    }

    public var isRecording: Bool { recorder?.isRecording ?? false }

    public func setStatus(_ status: SpanStatus) { recorder?.update { $0.status = status } }

    public func addEvent(_ event: SpanEvent) { recorder?.add(event) }

    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard let recorder else { return }
        // Of an error only its type is kept: its text may hold what a client has sent.
        var attributes = attributes
        attributes.set("exception.type", value: .string(String(describing: type(of: error))))
        recorder.add(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    public func addLink(_ link: SpanLink) { recorder?.add(link) }

    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        recorder?.end(at: instant().nanosecondsSinceEpoch)
    }

    private var recorder: SpanRecorder? {
        if case .recorded(let recorder) = storage { recorder } else { nil }
    }
}
