// SPDX-License-Identifier: Apache-2.0

/// Where the probes and the metrics are served when not on the API's listener.
package struct AdminConfiguration: Sendable {
    /// The address; nil for the API's.
    package var host: String?
    /// The port; nil when they are served with the API.
    package var port: Int?

    package init(reading reader: inout ConfigurationReader) {
        host = reader.optional(Self.hostKey, as: .text)
        port = reader.optional(Self.portKey, as: .port)
    }

    package static let keys = [hostKey, portKey]

    private static let hostKey = ConfigurationKey(
        "admin.host", default: nil, "The address of the probes and the metrics; HTTP_HOST when unset.")
    package static let portKey = ConfigurationKey(
        "admin.port", default: nil,
        "The port of the probes and the metrics; when set they are served there and only there.")
}
