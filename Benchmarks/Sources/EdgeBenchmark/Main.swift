// SPDX-License-Identifier: Apache-2.0

import Edge
import Hummingbird
import Logging
import NIOPosix
import ServiceLifecycle
import StructuredLogging

/// Serves one product twice: at `/static` from a middleware at the end of the whole chain, at `/routed` through the router.
///
/// usage: EdgeBenchmark PORT
@main
enum Main {
    private static let product =
        #"{"id":"3f0e7c1a-4ff3-4a3e-9d2b-0c1d2e3f4a5b","name":"Laptop","description":"MacBook Pro","price":1299.99,"created_at":1700000000,"updated_at":1700000000,"version":1}"#

    static func main() async throws {
        let writer = LogWriter(
            format: .json, identity: LogIdentity(serviceName: "edge-benchmark", serviceVersion: "1"))
        LoggingSystem.bootstrap { StructuredLogHandler(label: $0, writer: writer) }
        let body = ByteBuffer(string: product)
        let routes = ["/static", "/routed"].map { RouteTemplate($0, methods: [.get]) }
        let load = RequestLoad(limit: 1000)
        let chain = MiddlewareChain {
            RequestIdentity()
            RouteMatching(routes)
            AccessLog(writer: writer, level: .info)
            WireRules()
            CrossOrigin(origins: .listed(["https://shop.example"]))
            LoadShedding(load: load)
            StaticReply(
                path: "/static", reply: Reply(status: .ok, fields: [.contentType: "application/json"], body: body))
        }
        let router = Router()
        router.get("routed") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        }
        let server = EdgeServer(
            address: .hostname("127.0.0.1", port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8098),
            chain: chain, responder: router.buildResponder(), load: load,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "edge-benchmark"))
        try await ServiceGroup(
            services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "edge-benchmark")
        ).run()
    }
}
