// SPDX-License-Identifier: Apache-2.0

/// How often files that may change are looked at.
package struct ReloadConfiguration: Sendable {
    package var interval: Duration

    package init(reading reader: inout ConfigurationReader) {
        interval = reader.value(Self.intervalKey, as: .duration(in: .milliseconds(50) ... .seconds(3600)))
    }

    package static let keys = [intervalKey]

    private static let intervalKey = ConfigurationKey(
        "reload.interval", default: "2s", "How often the files of keys and of settings are read again.")
}
