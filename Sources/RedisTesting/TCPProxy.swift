// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// Stands between clients and a server on this machine, and can be told to fail as networks do. Thread-safe.
package final class TCPProxy: Sendable {
    package enum Mode: Int, Sendable {
        /// Bytes pass.
        case open
        /// Bytes are swallowed for as long as it lasts: connections stay open, nothing comes.
        case silent
        /// Connections are closed, and no new ones last.
        case closed
    }

    package let port: Int
    private let channel: any Channel
    private let shared: Shared

    /// What the connections share.
    fileprivate final class Shared: Sendable {
        let target: Int
        let mode = Atomic(Mode.open.rawValue)
        let sides = Mutex<[ObjectIdentifier: Side]>([:])

        init(target: Int) { self.target = target }

        var currentMode: Mode { Mode(rawValue: mode.load(ordering: .acquiring)) ?? .open }
    }

    /// Starts a proxy in front of a port of this machine.
    package static func start(to target: Int) async throws -> TCPProxy {
        let shared = Shared(target: target)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                if shared.currentMode == .closed { return client.close() }
                return ClientBootstrap(group: client.eventLoop)
                    .channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: target)
                    .flatMapThrowing { server in
                        let (near, far) = (Side(client, shared), Side(server, shared))
                        (near.partner, far.partner) = (server, client)
                        try client.pipeline.syncOperations.addHandler(near)
                        try server.pipeline.syncOperations.addHandler(far)
                        client.setOption(.autoRead, value: true).whenFailure { _ in }
                        server.setOption(.autoRead, value: true).whenFailure { _ in }
                    }
                    .flatMapError { _ in client.close() }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TCPProxy(channel: channel, shared: shared)
    }

    private init(channel: any Channel, shared: Shared) {
        self.channel = channel
        self.shared = shared
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        channel.close(promise: nil)
        set(.closed)
    }

    package func set(_ mode: Mode) {
        shared.mode.store(mode.rawValue, ordering: .releasing)
        for side in shared.sides.withLock({ Array($0.values) }) { side.modeChanged() }
    }
}

/// One end of a proxied connection.
///
/// Invariant of `@unchecked Sendable`: all that changes is used on the event loop of both ends, which they share.
private final class Side: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private let own: any Channel
    private let shared: TCPProxy.Shared
    var partner: (any Channel)?
    private var held: [ByteBuffer] = []

    init(_ own: any Channel, _ shared: TCPProxy.Shared) {
        self.own = own
        self.shared = shared
    }

    func handlerAdded(context: ChannelHandlerContext) {
        shared.sides.withLock { $0[ObjectIdentifier(self)] = self }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if shared.currentMode == .silent { held.append(bytes) } else { partner?.writeAndFlush(bytes, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        _ = shared.sides.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) }
        partner?.close(promise: nil)
        partner = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func modeChanged() {
        own.eventLoop.execute {
            switch self.shared.currentMode {
            case .silent: break
            case .closed: self.own.close(promise: nil)
            case .open:
                for bytes in self.held { self.partner?.writeAndFlush(bytes, promise: nil) }
                self.held = []
            }
        }
    }
}
