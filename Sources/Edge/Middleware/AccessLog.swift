// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
public import Logging
public import StructuredLogging

/// Writes one line for each exchange at its end, straight into the log writer's buffer.
///
/// Never holds the query, a header but the user agent (cut at 200 bytes), or anything of a body. Requests of
/// ``RouteTemplate/Purpose/operation`` are logged at debug.
public struct AccessLog: EdgeMiddleware {
    private let writer: LogWriter
    private let level: Logger.Level

    private static let maximumUserAgentLength = 200

    /// - Parameter level: The least level that is logged; the lines of service requests are of `info`.
    public init(writer: LogWriter, level: Logger.Level) {
        self.writer = writer
        self.level = level
    }

    public func complete(_ exchange: inout Exchange) {
        let lineLevel = exchange.route?.purpose == .operation ? Logger.Level.debug : .info
        guard lineLevel >= level else { return }
        writer.write(lineLevel, "request", logger: "access") { line in
            line.field("request.id", exchange.requestID)
            if let request = exchange.request { Self.append(request, route: exchange.route, to: &line) }
            if let status = exchange.status { line.field("http.response.status_code", status.code) }
            line.field("duration_ms", milliseconds: exchange.duration)
            line.field("request.bytes", exchange.requestByteCount)
            line.field("response.bytes", exchange.responseByteCount)
            line.field("client.address", exchange.peerAddress)
            if exchange.outcome == .aborted {
                line.field("error.type", "client_aborted")
            } else if let errorType = exchange.errorType {
                line.field("error.type", errorType)
            }
        }
    }

    private static func append(_ request: RequestHead, route: RouteTemplate?, to line: inout LogLine) {
        line.field("http.request.method", request.method.rawValue)
        if let route { line.field("http.route", route.path) }
        line.field("url.path", request.path)
        if let agent = request[.userAgent] { line.field("user_agent", agent, limit: maximumUserAgentLength) }
    }
}
