// SPDX-License-Identifier: Apache-2.0

public import Logging
import Tracing

/// Writes a log line for each span, for development. Thread-safe.
public struct LoggingSpanSink: SpanSink {
    private let logger: Logger
    private let level: Logger.Level

    /// - Parameters:
    ///   - logger: Where to. What its metadata provider tells of the running task stands beside the span's own fields.
    ///   - level: The level of the lines.
    public init(logger: Logger, level: Logger.Level = .debug) {
        self.logger = logger
        self.level = level
    }

    public func record(_ span: FinishedSpan) {
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "span.name": "\(span.name)", "span.kind": "\(span.kind)", "span.trace_id": "\(span.context.traceID)",
            "span.id": "\(span.context.spanID)",
            "span.duration_ms": "\(Double(span.endedAt &- span.startedAt) / 1_000_000)",
        ]
        if let parent = span.parentSpanID { metadata["span.parent_id"] = "\(parent)" }
        if let status = span.status { metadata["span.status"] = "\(status.code)" }
        span.attributes.forEach { name, value in metadata["attribute.\(name)"] = "\(Self.text(of: value))" }
        logger.log(level: level, "span", metadata: metadata)
    }

    private static func text(of value: SpanAttribute) -> String {
        switch value {
        case .string(let value): value
        case .int32(let value): "\(value)"
        case .int64(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .stringConvertible(let value): "\(value)"
        default: "\(value)"
        }
    }
}
