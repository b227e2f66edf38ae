// SPDX-License-Identifier: Apache-2.0

package import Logging
package import StructuredLogging

/// What the log holds, and what the service tells of itself.
package struct LogConfiguration: Sendable {
    package var level: Logger.Level
    package var format: LogFormat
    /// Which revision of the sources the service was built from, for `build_info`.
    package var buildRevision: String

    package init(reading reader: inout ConfigurationReader) {
        level = reader.value(Self.levelKey, as: Self.levelKind)
        format = reader.value(Self.formatKey, as: Self.formatKind)
        buildRevision = reader.value(Self.revisionKey, as: .text)
    }

    package static let keys = [levelKey, formatKey, revisionKey]

    private static var levelKind: ConfigurationValueKind<Logger.Level> {
        let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        return ConfigurationValueKind(requirement: "one of \(names)") { Logger.Level(rawValue: $0) }
    }

    private static let levelKey = ConfigurationKey(
        "log.level", default: "info",
        "The least level that is logged: trace, debug, info, notice, warning, error or critical.")

    private static let revisionKey = ConfigurationKey(
        "build.revision", default: "unknown", "The revision of the sources, as build_info tells it; images set it.")

    private static var formatKind: ConfigurationValueKind<LogFormat> {
        ConfigurationValueKind(requirement: "json or text") { LogFormat(rawValue: $0) }
    }

    private static let formatKey = ConfigurationKey(
        "log.format", default: "json", "How log lines are written: json, one object a line, or text.")
}
