// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import ServiceTesting

/// Passes scrapes on as those of a Prometheus that does not know OpenMetrics: the one of the system's package always
/// asks for it first.
final class TextFormatProxy: Sendable {
    let port: Int

    init(to target: Int) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                let service = ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { service in
                        service.eventLoop.makeCompletedFuture {
                            let way = Relay(to: client.eventLoop.makeSucceededFuture(client), changesAccept: false)
                            try service.pipeline.syncOperations.addHandler(way)
                        }
                    }
                    .connect(host: "127.0.0.1", port: target)
                return client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(Relay(to: service, changesAccept: true))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = server.localAddress?.port ?? 0
    }

    /// Passes bytes on to another channel, as soon as there is one.
    private final class Relay: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: EventLoopFuture<any Channel>
        private let changesAccept: Bool

        init(to other: EventLoopFuture<any Channel>, changesAccept: Bool) {
            self.other = other
            self.changesAccept = changesAccept
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            if changesAccept {
                bytes = ByteBuffer(string: String(buffer: bytes).replacing("openmetrics-text", with: "other"))
            }
            let passedOn = bytes
            other.whenSuccess { $0.writeAndFlush(passedOn, promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { other.whenSuccess { $0.close(promise: nil) } }
    }
}
