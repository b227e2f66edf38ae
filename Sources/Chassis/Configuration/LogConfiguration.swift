// SPDX-License-Identifier: Apache-2.0

package import Logging

/// What the log holds.
package struct LogConfiguration: Sendable {
    package var level: Logger.Level

    package init(reading reader: inout ConfigurationReader) {
        level = reader.value(Self.levelKey, as: Self.levelKind)
    }

    package static let keys = [levelKey]

    private static var levelKind: ConfigurationValueKind<Logger.Level> {
        let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        return ConfigurationValueKind(requirement: "one of \(names)") { Logger.Level(rawValue: $0) }
    }

    private static let levelKey = ConfigurationKey(
        "log.level", default: "info",
        "The least level that is logged: trace, debug, info, notice, warning, error or critical.")
}
