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
        let provided = metadataProvider?.get() ?? [:]
        let given = metadata.isEmpty ? event.metadata ?? [:] : metadata.merging(event.metadata ?? [:]) { $1 }
        writer.write(event.level, event.message.description, loggerLabel: label) { line in
            for (name, value) in provided.sorted(by: { $0.key < $1.key }).prefix(Self.maximumFieldCount) {
                line.field(Self.fixedFields.contains(name) ? "metadata.\(name)" : name, value)
            }
            for (name, value) in given.sorted(by: { $0.key < $1.key }).prefix(Self.maximumFieldCount) {
                let isTaken =
                    Self.fixedFields.contains(name) || Self.providedFields.contains(name) || provided[name] != nil
                line.field(isTaken ? "metadata.\(name)" : name, value)
            }
        }
    }
}
