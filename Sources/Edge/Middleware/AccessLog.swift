// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
public import Logging
public import StructuredLogging
import TraceContext

/// Writes one line for each exchange at its end, straight into the log writer's buffer.
///
/// Of bytes that are no request at all, at most ten lines a second are written, and of requests that are refused as
/// there are too many (503 and 429) at most a hundred, the first of a second with the number of those left out: a flood
/// is for the metrics. Who called is told by the first 8 bytes of the SHA-256 digest of the subject. Never holds the
/// query, a header but the user agent (cut at 200 bytes), or anything of a body. Requests of
/// ``RouteTemplate/Purpose/operation`` are logged at debug.
public struct AccessLog: EdgeMiddleware {
    private let writer: LogWriter
    private let level: Logger.Level
    private let strangers = LineLimit(perSecond: 10)
    private let floods = LineLimit(perSecond: 100)

    private static let maximumUserAgentLength = 200
    private static let maximumCacheStatusLength = 200

    /// - Parameter level: The least level that is logged; the lines of service requests are of `info`.
    public init(writer: LogWriter, level: Logger.Level) {
        self.writer = writer
        self.level = level
    }

    public func complete(_ exchange: inout Exchange) {
        let lineLevel = exchange.route?.purpose == .operation ? Logger.Level.debug : .info
        guard lineLevel >= level else { return }
        // Bytes that are no request cost nothing to send: they must not fill the log.
        var suppressedCount = 0
        if let limit = limit(of: exchange) {
            guard let count = limit.admit(at: exchange.receivedAt) else { return }
            suppressedCount = count
        }
        writer.write(lineLevel, "request", logger: "access") { line in
            if let trace = exchange.trace {
                line.field("trace_id", hexadecimal: trace.traceID.high, trace.traceID.low)
                line.field("span_id", hexadecimal: trace.spanID.value)
                line.field(
                    "trace_flags",
                    trace.flags.contains(.random) ? trace.isSampled ? "03" : "02" : trace.isSampled ? "01" : "00")
            }
            line.field("request.id", exchange.requestID)
            if let request = exchange.request { Self.append(request, route: exchange.route, to: &line) }
            if let status = exchange.status { line.field("http.response.status_code", status.code) }
            line.field("duration_ms", milliseconds: exchange.duration)
            line.field("request.bytes", exchange.requestByteCount)
            line.field("response.bytes", exchange.responseByteCount)
            line.field("client.address", exchange.clientAddress)
            if let status = exchange.cacheStatus { line.field("cache", status, limit: Self.maximumCacheStatusLength) }
            if let principal = exchange.principal {
                line.field("principal", hexadecimal: UInt64(truncatingIfNeeded: principal.digest >> 64))
            }
            if let errorType = exchange.errorType ?? (exchange.outcome == .aborted ? "client_aborted" : nil) {
                line.field("error.type", errorType)
            }
            if suppressedCount > 0 { line.field("suppressed", suppressedCount) }
        }
    }

    private func limit(of exchange: Exchange) -> LineLimit? {
        if exchange.request == nil { return strangers }
        guard let errorType = exchange.errorType else { return nil }
        return errorType == Refusal.overload.rawValue || errorType == RateLimitGate.errorType ? floods : nil
    }

    private static func append(_ request: RequestHead, route: RouteTemplate?, to line: inout LogLine) {
        line.field("http.request.method", request.method.rawValue)
        if let route { line.field("http.route", route.path) }
        // What is no path may hold a user and a password.
        if request.hasValidTarget { request.withPath { line.field("url.path", utf8: $0) } }
        request.withValue(ofLowercased: "user-agent") { agent in
            line.field("user_agent", utf8: agent, limit: maximumUserAgentLength)
        }
    }
}
