// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import TraceContext
import Tracing

@Suite struct `Outgoing calls` {
    /// Answers with the headers of the request.
    private final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let request) = unwrapInboundIn(data) else { return }
            let text = request.headers.map { "\($0.name.lowercased()): \($0.value)\n" }.joined()
            let headers: HTTPHeaders = ["Content-Length": "\(text.utf8.count)"]
            context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    @Test func `of AsyncHTTPClient carry the trace of the task that makes them`() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Echo())
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        let sink = RecordingSink()
        let tracer = TraceContextTracer(sampler: Sampler(ratio: 1), sink: sink)
        var configuration = HTTPClient.Configuration()
        configuration.tracing.tracer = tracer
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        let port = try #require(server.localAddress?.port)

        let own = tracer.startSpan("work", context: .topLevel)
        var context = own.context
        context.baggage = Baggage("a=1")
        let text = try await ServiceContext.withValue(context) {
            let response = try await client.execute(
                HTTPClientRequest(url: "http://127.0.0.1:\(port)/"), timeout: .seconds(10))
            return String(buffer: try await response.body.collect(upTo: 65_536))
        }
        try await client.shutdown()
        try await server.close()

        let lines = text.split(separator: "\n")
        let call = try #require(sink.spans.first)
        #expect(call.parentSpanID == own.context.spanContext?.spanID && call.kind == .client)
        #expect(lines.contains("traceparent: \(TraceParent.serialise(call.context))"))
        #expect(lines.contains("baggage: a=1"))
    }
}
