// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// One connection of a ``ScriptedRedisServer``.
final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let state: ScriptedRedisServer.State
    private var received = ByteBuffer()
    /// What is yet to be done, in its order.
    private var steps: [ScriptedRedisServer.Step] = []
    private var isPausing = false

    init(number: Int, state: ScriptedRedisServer.State) {
        self.number = number
        self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        while let words = Self.takeCommand(from: &received) {
            let call = ScriptedRedisServer.Call(
                name: words.first?.uppercased() ?? "", arguments: Array(words.dropFirst()), connection: number)
            state.calls.withLock { $0.append(call) }
            steps += state.script(call) ?? ScriptedRedisServer.greeting(to: call)
        }
        proceed(context)
    }

    private func proceed(_ context: ChannelHandlerContext) {
        while !isPausing, !steps.isEmpty {
            switch steps.removeFirst() {
            case .send(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .close: context.close(promise: nil)
            case .pause(let time):
                isPausing = true
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: time) {
                    let (connection, context) = bound.value
                    connection.isPausing = false
                    connection.proceed(context)
                }
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Takes an array of bulk strings, once it is there whole.
    private static func takeCommand(from buffer: inout ByteBuffer) -> [String]? {
        var rest = buffer
        guard let count = takeLength("*", from: &rest) else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let length = takeLength("$", from: &rest), let word = rest.readBytes(length: length),
                rest.readBytes(length: 2) != nil
            else { return nil }
            words.append(String(decoding: word, as: UTF8.self))
        }
        buffer = rest
        buffer.discardReadBytes()
        return words
    }

    private static func takeLength(_ kind: Unicode.Scalar, from buffer: inout ByteBuffer) -> Int? {
        guard let end = buffer.readableBytesView.firstIndex(of: 0x0a),
            let line = buffer.readString(length: end - buffer.readerIndex + 1),
            line.unicodeScalars.first == kind
        else { return nil }
        return Int(line.dropFirst().prefix { !$0.isWhitespace })
    }
}
