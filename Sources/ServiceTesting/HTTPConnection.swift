// SPDX-License-Identifier: Apache-2.0

import Foundation
package import NIOCore
import NIOPosix

/// A TCP connection to a server under test, on which exactly the given bytes are sent. Every wait has a deadline.
package actor HTTPConnection {
    /// Why a wait ended without what was waited for.
    package enum Failure: Error, Hashable {
        case deadline
        case closed
        case malformed(String)
    }

    private let channel: any Channel
    private var incoming: AsyncStream<ByteBuffer>.AsyncIterator
    private var buffer: [UInt8] = []
    private let limit: TimeAmount

    /// - Parameter limit: How long to wait for an answer before the connection is closed.
    package static func connect(to port: Int, limit: TimeAmount = .seconds(20)) async throws -> HTTPConnection {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(IncomingBytes(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return HTTPConnection(channel: channel, incoming: stream.makeAsyncIterator(), limit: limit)
    }

    private init(channel: any Channel, incoming: AsyncStream<ByteBuffer>.AsyncIterator, limit: TimeAmount) {
        self.channel = channel
        self.incoming = incoming
        self.limit = limit
    }

    package func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Sends a request with a `Host`, and a `Content-Length` when it has a body. A server that has answered need not
    /// take all of it.
    package func send(_ request: HTTPMessage.Request) async throws {
        do {
            try await send(request.bytes)
        } catch is IOError {}
    }

    /// Reads one response.
    ///
    /// - Parameter hasBody: False for the answer to a `HEAD`.
    package func receive(hasBody: Bool = true) async throws -> HTTPMessage.Response {
        let head = try await take(through: Array("\r\n\r\n".utf8))
        var response = try HTTPMessage.Response(head: String(decoding: head, as: UTF8.self))
        let bodiless = !hasBody || response.status == 204 || response.status == 304 || response.status < 200
        if bodiless { return response }
        if response.headers["transfer-encoding"]?.last == "chunked" {
            while true {
                let line = String(decoding: try await take(through: [13, 10]).dropLast(2), as: UTF8.self)
                guard let size = Int(line, radix: 16) else { throw Failure.malformed("chunk size \(line)") }
                response.body += try await take(size)
                _ = try await take(2)
                if size == 0 { return response }
            }
        }
        guard let length = response.headers["content-length"]?.first.flatMap({ Int($0) }) else {
            throw Failure.malformed("neither a length nor chunks")
        }
        response.body = try await take(length)
        return response
    }

    /// Reads until the server closes, and returns what came.
    package func receiveToEnd() async throws -> [UInt8] {
        while true {
            do {
                try await receiveMore()
            } catch Failure.closed {
                defer { buffer = [] }
                return buffer
            }
        }
    }

    /// Ends this side's half of the connection.
    package func closeOutput() async throws { try await channel.close(mode: .output).get() }

    package func close() async { try? await channel.close().get() }

    private func take(_ count: Int) async throws -> [UInt8] {
        while buffer.count < count { try await receiveMore() }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func take(through end: [UInt8]) async throws -> [UInt8] {
        while true {
            if let range = buffer.firstRange(of: end) { return try await take(range.upperBound) }
            try await receiveMore()
        }
    }

    private func receiveMore() async throws {
        let deadline = Deadline()
        let timer = channel.eventLoop.scheduleTask(in: limit) { [channel] in
            deadline.pass()
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        var iterator = incoming
        guard let bytes = await iterator.next(isolation: self) else {
            throw deadline.hasPassed ? Failure.deadline : Failure.closed
        }
        incoming = iterator
        buffer += bytes.readableBytesView
    }
}

/// Hands on what arrives on a channel.
private final class IncomingBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<ByteBuffer>.Continuation

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { continuation.finish() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
