// SPDX-License-Identifier: Apache-2.0

package import Edge

/// Where a listener listens, and what it allows.
package struct HTTPConfiguration: Sendable {
    package var host: String
    package var port: Int
    /// How many requests may be worked on at once.
    package var maximumInFlightCount: Int
    /// The limits and deadlines.
    package var edge: EdgeConfiguration

    package init(reading reader: inout ConfigurationReader) {
        host = reader.value(Self.hostKey, as: .text)
        port = reader.value(Self.portKey, as: .port)
        maximumInFlightCount = reader.value(Self.maximumInFlightKey, as: .count(in: 1...1_000_000))
        edge = EdgeConfiguration()
        edge.maximumBodyByteCount = reader.value(Self.maximumBodyKey, as: .byteCount(in: 1024...1 << 30))
        edge.maximumConnectionCount = reader.value(Self.maximumConnectionsKey, as: .count(in: 1...1_000_000))
        edge.maximumTargetByteCount = reader.value(Self.maximumTargetKey, as: .byteCount(in: 128...64 << 10))
        edge.maximumHeaderFieldByteCount = reader.value(Self.maximumHeaderFieldKey, as: .byteCount(in: 1024...1 << 20))
        edge.maximumHeaderByteCount = reader.value(Self.maximumHeaderKey, as: .byteCount(in: 1024...4 << 20))
        edge.maximumHeaderFieldCount = reader.value(Self.maximumHeaderCountKey, as: .count(in: 8...10_000))
        let range = Duration.milliseconds(100) ... .seconds(3600)
        edge.headerTimeout = reader.value(Self.headerTimeoutKey, as: .duration(in: range))
        edge.bodyTimeout = reader.value(Self.bodyTimeoutKey, as: .duration(in: range))
        edge.writeTimeout = reader.value(Self.writeTimeoutKey, as: .duration(in: range))
        edge.requestTimeout = reader.value(Self.requestTimeoutKey, as: .duration(in: range))
        edge.idleTimeout = reader.value(Self.idleTimeoutKey, as: .duration(in: range))
    }

    /// How many bytes of request bodies may be held in memory.
    package var maximumHeldByteCount: Int {
        let (product, overflow) = edge.maximumBodyByteCount.multipliedReportingOverflow(by: maximumInFlightCount)
        return overflow ? .max : product
    }

    package static let keys = [
        hostKey, portKey, maximumBodyKey, maximumConnectionsKey, maximumInFlightKey, maximumTargetKey,
        maximumHeaderFieldKey, maximumHeaderKey, maximumHeaderCountKey, headerTimeoutKey, bodyTimeoutKey,
        writeTimeoutKey, requestTimeoutKey, idleTimeoutKey,
    ]

    package static let hostKey = ConfigurationKey(
        "http.host", default: "127.0.0.1", "The address the API listens on; 0.0.0.0 for all.")
    package static let portKey = ConfigurationKey(
        "http.port", default: "8080", "The port the API listens on; 0 takes a free one.")
    private static let maximumBodyKey = ConfigurationKey(
        "http.max.body", default: "1MiB",
        "The longest request body (413). Bodies are held in memory, in all at most this times HTTP_MAX_IN_FLIGHT.")
    private static let maximumConnectionsKey = ConfigurationKey(
        "http.max.connections", default: "10000",
        "How many connections are open at once; more wait to be accepted. ADMIN_PORT has 256 of its own.")
    private static let maximumInFlightKey = ConfigurationKey(
        "http.max.in.flight", default: "1000",
        "How many requests that have arrived whole may be worked on at once, reads at most four fifths of them; more are a 503 with Retry-After, probes excepted."
    )
    private static let maximumTargetKey = ConfigurationKey(
        "http.max.target", default: "8KiB", "The longest request target: path and query (414).")
    private static let maximumHeaderFieldKey = ConfigurationKey(
        "http.max.header.field", default: "16KiB", "The longest header field, name and value (431).")
    private static let maximumHeaderKey = ConfigurationKey(
        "http.max.header", default: "64KiB", "How long all header fields of a request may be together (431).")
    private static let maximumHeaderCountKey = ConfigurationKey(
        "http.max.header.count", default: "100", "How many header fields a request may have (431).")
    private static let headerTimeoutKey = ConfigurationKey(
        "http.header.timeout", default: "10s", "How long a request's header may take, from its first byte (408).")
    private static let bodyTimeoutKey = ConfigurationKey(
        "http.body.timeout", default: "30s", "How long a request's body may take (408).")
    private static let writeTimeoutKey = ConfigurationKey(
        "http.write.timeout", default: "10s", "How long a client may take nothing of an answer.")
    private static let requestTimeoutKey = ConfigurationKey(
        "http.request.timeout", default: "5s", "How long an answer may take before it is a 504.")
    private static let idleTimeoutKey = ConfigurationKey(
        "http.idle.timeout", default: "60s", "How long a connection may lie idle before it is closed.")
}
