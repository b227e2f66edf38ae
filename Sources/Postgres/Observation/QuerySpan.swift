// SPDX-License-Identifier: Apache-2.0

import Tracing

/// The span of one statement, within the task's trace; nothing when there is none.
///
/// Source: OpenTelemetry semantic conventions for database client spans. Values of parameters never become attributes.
struct QuerySpan {
    private let span: (any Span)?

    init(_ operation: PostgresOperationName, by tracer: any Tracer) {
        guard let context = ServiceContext.current else {
            span = nil
            return
        }
        let span = tracer.startSpan(operation.rawValue, context: context, ofKind: .client)
        self.span = span
        if span.isRecording {
            span.attributes["db.system.name"] = "postgresql"
            span.attributes["db.operation.name"] = operation.rawValue
        }
    }

    func end(_ error: PostgresError?) {
        guard let span else { return }
        if let error, span.isRecording {
            span.attributes["error.type"] = error.metricLabel
            if let state = error.sqlState { span.attributes["db.response.status_code"] = state.description }
            span.setStatus(SpanStatus(code: .error))
        }
        span.end()
    }
}
