// SPDX-License-Identifier: Apache-2.0

import Edge
import Foundation
import Hummingbird
import JWT
import Logging
import NIOPosix
import PrometheusMetrics
import RateLimiting
import ServiceLifecycle
import StructuredLogging
import TraceContext

/// Serves one product twice, at `/static` from a middleware at the end of a chain and at `/routed` through the router,
/// behind a chain that is chosen.
///
/// usage: EdgeBenchmark PORT [bare|edge|unobserved|whole]     the last two need JWT_SECRET, and tokens of it
///
/// - bare: nothing but the reply.
/// - edge: what every service has: identity, routes, the access log, the rules of the wire, CORS, load shedding.
/// - unobserved: the chain of the product service, but for traces, metrics of requests and the access log.
/// - whole: the chain of the product service: traces, metrics, limits and tokens, too.
@main
enum Main {
    private static let product =
        #"{"id":"3f0e7c1a-4ff3-4a3e-9d2b-0c1d2e3f4a5b","name":"Laptop","description":"MacBook Pro","price":1299.99,"created_at":1700000000,"updated_at":1700000000,"version":1}"#
    private static let body = ByteBuffer(string: product)
    private static let routes = ["/static", "/routed"].map {
        RouteTemplate($0, methods: [.get], access: .scopes(read: "products:read", write: "products:write"))
    }
    private static let reply = StaticReply(
        path: "/static", reply: Reply(status: .ok, fields: [.contentType: "application/json"], body: body))
    private static let logger = Logger(label: "edge-benchmark")

    static func main() async throws {
        let writer = LogWriter(
            format: .json, identity: LogIdentity(serviceName: "edge-benchmark", serviceVersion: "1"))
        LoggingSystem.bootstrap { StructuredLogHandler(label: $0, writer: writer) }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let port = arguments.first.flatMap { Int($0) } ?? 8098
        let server =
            switch arguments.dropFirst().first ?? "edge" {
            case "bare": server(on: port, MiddlewareChain { reply })
            case "whole": try wholeServer(on: port, writer: writer)
            case "unobserved": try wholeServer(on: port, writer: nil)
            default: edgeServer(on: port, writer: writer)
            }
        try await ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger).run()
    }

    private static func edgeServer(on port: Int, writer: LogWriter) -> any Service {
        let load = RequestLoad(limit: 1000)
        let chain = MiddlewareChain {
            RequestIdentity()
            RouteMatching(routes)
            AccessLog(writer: writer, level: .info)
            WireRules()
            CrossOrigin(origins: .listed(["https://shop.example"]))
            LoadShedding(load: load)
            reply
        }
        return server(on: port, chain, load: load)
    }

    private static func wholeServer(on port: Int, writer: LogWriter?) throws -> any Service {
        let load = RequestLoad(limit: 1000)
        let registry = MetricsRegistry()
        let keys = try KeySet(rawKey: Array((ProcessInfo.processInfo.environment["JWT_SECRET"] ?? "").utf8))
        guard let limit = RateLimit(100_000_000, per: .seconds(1), burst: 1_000_000) else {
            return server(on: port, MiddlewareChain { reply })
        }
        let mode = RateLimitMode(.enforce)
        guard let writer else {
            let chain = MiddlewareChain {
                RequestIdentity()
                RouteMatching(routes)
                ClientAddress(proxies: TrustedProxies(), logger: logger)
                WireRules()
                ClientDeadline()
                CrossOrigin(origins: .listed(["https://shop.example"]))
                LoadShedding(load: load)
                AddressRateLimit(
                    limiter: LocalRateLimiter(limit: limit), mode: mode, registry: registry, logger: logger)
                BearerAuthentication(policy: TokenPolicy(), keys: { keys }, registry: registry, logger: logger)
                CallerRateLimit(limiter: LocalRateLimiter(limit: limit), mode: mode, registry: registry, logger: logger)
                reply
            }
            return server(on: port, chain, load: load)
        }
        let chain = MiddlewareChain {
            RequestIdentity()
            RequestTracing(tracer: TraceContextTracer(sampler: Sampler(ratio: 0.01), sink: NoSpanSink()))
            RouteMatching(routes)
            ClientAddress(proxies: TrustedProxies(), logger: logger)
            RequestMetrics(registry: registry, routes: routes)
            AccessLog(writer: writer, level: .info)
            WireRules()
            ClientDeadline()
            CrossOrigin(origins: .listed(["https://shop.example"]))
            LoadShedding(load: load)
            AddressRateLimit(limiter: LocalRateLimiter(limit: limit), mode: mode, registry: registry, logger: logger)
            BearerAuthentication(policy: TokenPolicy(), keys: { keys }, registry: registry, logger: logger)
            CallerRateLimit(limiter: LocalRateLimiter(limit: limit), mode: mode, registry: registry, logger: logger)
            reply
        }
        return server(on: port, chain, load: load)
    }

    private static func server(
        on port: Int, _ chain: MiddlewareChain, load: RequestLoad = RequestLoad()
    ) -> any Service {
        let router = Router()
        router.get("routed") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        }
        return EdgeServer(
            address: .hostname("127.0.0.1", port: port), chain: chain, responder: router.buildResponder(), load: load,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
    }
}
