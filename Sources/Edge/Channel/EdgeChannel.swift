// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Sets a connection up: the gate, NIO's decoder, and the handler of exchanges.
struct EdgeChannel: ServerChildChannel {
    /// A connection, and when it is over.
    struct Connection: ServerChildChannelValue {
        let channel: any Channel
        let finished: EventLoopFuture<Void>
    }

    private let shared: EdgeShared
    private let timeouts: EdgeTimeouts
    private let commonHeads: CommonHeadDecoder
    private let loops = LoopContexts()

    init(shared: EdgeShared) {
        self.shared = shared
        timeouts = EdgeTimeouts(shared.configuration)
        commonHeads = CommonHeadDecoder(shared.configuration)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let options = channel.syncOptions
            // One read at a time, and not too much of it, so that the limits are limits.
            try options?.setOption(.maxMessagesPerRead, value: 1)
            try options?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 512, initial: 1024, maximum: EdgeConfiguration.readByteCount))
            #if os(Linux)
            // Else the system would take megabytes in for a client that reads nothing.
            try? options?.setOption(
                ChannelOptions.tcpOption(NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)),
                value: SocketOptionValue(EdgeConfiguration.unsentByteCount))
            #endif
            let gate = RequestGate(
                state: ConnectionState(timeouts: timeouts, now: .now()), commonHeads: commonHeads)
            let decoder = HTTPRequestDecoder(
                leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
                limitConfiguration: shared.configuration.decoderLimits)
            let finished = channel.eventLoop.makePromise(of: Void.self)
            let handler = EdgeHandler(
                shared: shared, loop: loops.context(of: channel.eventLoop), gate: gate, timeouts: timeouts,
                peerAddress: channel.remoteAddress?.ipAddress ?? "unknown", finished: finished)
            do {
                try channel.pipeline.syncOperations.addHandlers(gate, ByteToMessageHandler(decoder), handler)
            } catch {
                finished.fail(error)
                throw error
            }
            return Connection(channel: channel, finished: finished.futureResult)
        }
    }

    func handle(value: Connection, logger: Logger) async { try? await value.finished.get() }
}

extension EdgeConfiguration {
    var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = max(maximumHeaderFieldByteCount, maximumTargetByteCount)
        limits.maxHeaderListSize = maximumHeaderByteCount
        limits.maxHeaderFieldCount = maximumHeaderFieldCount
        return limits
    }
}
