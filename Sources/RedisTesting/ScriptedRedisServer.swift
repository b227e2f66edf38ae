// SPDX-License-Identifier: Apache-2.0

package import NIOCore
import NIOPosix
import ServiceTesting
import Synchronization

/// A server that takes commands as Redis does, and answers what a test says: garbage, halves, errors, or nothing.
/// Thread-safe.
package final class ScriptedRedisServer: Sendable {
    /// A part of an answer.
    package enum Step: Sendable {
        case send([UInt8])
        case pause(TimeAmount)
        case close

        package static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
    }

    /// A command that has come.
    package struct Call: Sendable, Hashable {
        package let name: String
        package let arguments: [String]
        /// Which connection it came on, from 0.
        package let connection: Int
    }

    package static let runID = "0123456789abcdef0123456789abcdef01234567"

    package let port: Int
    private let channel: any Channel
    private let state: State

    /// What the connections share.
    final class State: Sendable {
        let calls = Mutex<[Call]>([])
        let connectionCount = Atomic(0)
        let script: @Sendable (Call) -> [Step]?

        init(script: @escaping @Sendable (Call) -> [Step]?) { self.script = script }
    }

    /// Starts a server. What the script has no answer for (nil) is answered as a healthy server greets: `OK`, `PONG`,
    /// and an `INFO` with ``runID``.
    package static func start(_ script: @escaping @Sendable (Call) -> [Step]?) async throws -> ScriptedRedisServer {
        let state = State(script: script)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = state.connectionCount.wrappingAdd(1, ordering: .relaxed).oldValue
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptedConnection(number: number, state: state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedRedisServer(channel: channel, state: state)
    }

    private init(channel: any Channel, state: State) {
        self.channel = channel
        self.state = state
        port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    package var url: String { "redis://127.0.0.1:\(port)" }

    /// What has come so far, the greetings included.
    package var calls: [Call] { state.calls.withLock { $0 } }

    /// How many connections were accepted.
    package var connectionCount: Int { state.connectionCount.load(ordering: .relaxed) }

    static func greeting(to call: Call) -> [Step] {
        switch call.name {
        case "PING": return [.send("+PONG\r\n")]
        case "INFO":
            let text = "# Server\r\nredis_version:7.0.15\r\nrun_id:\(runID)\r\n"
            return [.send("$\(text.utf8.count)\r\n\(text)\r\n")]
        default: return [.send("+OK\r\n")]
        }
    }
}
