// SPDX-License-Identifier: Apache-2.0

/// Where a listener listens, and what it allows.
package struct HTTPConfiguration: Sendable {
    package var host: String
    package var port: Int
    /// The longest request body, in bytes.
    package var maximumBodyByteCount: Int
    /// How long a connection may lie idle.
    package var idleTimeout: Duration

    package init(reading reader: inout ConfigurationReader) {
        host = reader.value(Self.hostKey, as: .text)
        port = reader.value(Self.portKey, as: .port)
        maximumBodyByteCount = reader.value(Self.maximumBodyKey, as: .byteCount(in: 1024...1 << 30))
        idleTimeout = reader.value(Self.idleTimeoutKey, as: .duration(in: .seconds(1) ... .seconds(3600)))
    }

    package static let keys = [hostKey, portKey, maximumBodyKey, idleTimeoutKey]

    package static let hostKey = ConfigurationKey(
        "http.host", default: "127.0.0.1", "The address the API listens on; 0.0.0.0 for all.")
    package static let portKey = ConfigurationKey(
        "http.port", default: "8080", "The port the API listens on; 0 takes a free one.")
    private static let maximumBodyKey = ConfigurationKey(
        "http.max.body", default: "1MiB", "The longest request body, in bytes, KiB, MiB or GiB.")
    private static let idleTimeoutKey = ConfigurationKey(
        "http.idle.timeout", default: "60s", "How long a connection may lie idle before it is closed.")
}
