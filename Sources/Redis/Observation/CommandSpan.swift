// SPDX-License-Identifier: Apache-2.0

import Tracing

/// The span of one command, within the task's trace; nothing when there is none.
///
/// Source: OpenTelemetry semantic conventions for Redis client spans. Keys and values never become attributes.
struct CommandSpan {
    private let span: (any Span)?

    init(_ operation: RedisOperation, by tracer: any Tracer) {
        guard let context = ServiceContext.current else {
            span = nil
            return
        }
        let span = tracer.startSpan(operation.name, context: context, ofKind: .client)
        self.span = span
        if span.isRecording {
            span.attributes["db.system.name"] = "redis"
            span.attributes["db.operation.name"] = operation.name
        }
    }

    func end(_ error: RedisError?) {
        guard let span else { return }
        if let error, span.isRecording {
            span.attributes["error.type"] = error.metricLabel
            if let code = error.serverCode { span.attributes["db.response.status_code"] = code }
            span.setStatus(SpanStatus(code: .error))
        }
        span.end()
    }
}
