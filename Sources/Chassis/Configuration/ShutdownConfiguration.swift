// SPDX-License-Identifier: Apache-2.0

/// How the service stops.
package struct ShutdownConfiguration: Sendable {
    /// How long the service keeps serving after it has turned not ready.
    package var delay: Duration
    /// How long requests in flight may take after that.
    package var timeout: Duration

    package init(reading reader: inout ConfigurationReader) {
        delay = reader.value(Self.delayKey, as: .duration(in: .zero ... .seconds(600)))
        timeout = reader.value(Self.timeoutKey, as: .duration(in: .zero ... .seconds(600)))
    }

    package static let keys = [delayKey, timeoutKey]

    private static let delayKey = ConfigurationKey(
        "shutdown.delay", default: "0s",
        "How long to keep serving after turning not ready, so that no new request is sent here.")
    private static let timeoutKey = ConfigurationKey(
        "shutdown.timeout", default: "20s", "How long requests in flight may take after that before they are cut off.")
}
