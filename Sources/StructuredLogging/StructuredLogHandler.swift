// SPDX-License-Identifier: Apache-2.0

public import Logging

/// A swift-log handler that writes JSON or text lines through a ``LogWriter``.
///
/// Metadata is written beside the message under its own name; one that has the name of a fixed field is written as
/// `metadata.NAME`. What the metadata provider gives (the request's id, say) may fill `request.id`, `trace_id`,
/// `span_id` and `trace_flags`. Thread-safe, as every log handler is a value.
public struct StructuredLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let writer: LogWriter

    private static let maximumFieldCount = 64
    private static let fixedFields: Set<String> = [
        "timestamp", "level", "message", "logger", "service.name", "service.version",
    ]
    private static let providedFields: Set<String> = ["request.id", "trace_id", "span_id", "trace_flags"]

    public init(
        label: String, writer: LogWriter, level: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.writer = writer
        self.logLevel = level
        self.metadataProvider = metadataProvider
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        // All of it outside the writer's lock: descriptions are other people's code, which may log itself.
        let provided = metadataProvider?.get() ?? [:]
        var given = metadata.isEmpty ? event.metadata ?? [:] : metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error, given["error"] == nil { given["error"] = "\(error)" }
        var fields = provided.sorted { $0.key < $1.key }.map { name, value in
            (Self.fixedFields.contains(name) ? "metadata.\(name)" : name, Self.rendered(value))
        }
        fields += given.sorted { $0.key < $1.key }.prefix(Self.maximumFieldCount).map { name, value in
            let isTaken = Self.fixedFields.contains(name) || Self.providedFields.contains(name) || provided[name] != nil
            return (isTaken ? "metadata.\(name)" : name, Self.rendered(value))
        }
        writer.write(event.level, event.message.description, loggerLabel: label) { [fields] line in
            for (name, value) in fields { line.field(name, value) }
        }
    }

    /// A value that consists of strings.
    private static func rendered(_ value: Logger.MetadataValue, depth: Int = 0) -> Logger.MetadataValue {
        if depth > LogLine.maximumDepth { return "…" }
        switch value {
        case .string: return value
        case .stringConvertible(let value): return .string("\(value)")
        case .array(let values): return .array(values.map { rendered($0, depth: depth + 1) })
        case .dictionary(let members): return .dictionary(members.mapValues { rendered($0, depth: depth + 1) })
        }
    }
}
