// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Finds the server's addresses, and its password, on a thread of its own, as both may block: not on an event loop, and
/// not on queues of Dispatch, whose threads Swift's tasks run on. Thread-safe.
final class AddressResolver: Sendable {
    /// What is needed to connect.
    struct Target: Sendable {
        let addresses: [SocketAddress]
        let password: String?
    }

    private let configuration: RedisConfiguration
    private let thread = NIOThreadPool(numberOfThreads: 1)

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
        thread.start()
    }

    deinit { thread.shutdownGracefully { _ in } }

    /// Fails when there is no address or no password, and when nobody waits any more at `deadline`.
    func resolve(on eventLoop: any EventLoop, until deadline: NIODeadline) -> EventLoopFuture<Target> {
        thread.runIfActive(eventLoop: eventLoop) { [configuration] in
            if NIODeadline.now() >= deadline { throw RedisError(.connectionFailed, message: "resolved too late") }
            let addresses: [SocketAddress]
            do {
                addresses = try HostAddresses.of(configuration.host, port: configuration.port)
            } catch {
                throw RedisError(.connectionFailed, message: "no address for \(configuration.host): \(error)")
            }
            do {
                return Target(addresses: addresses, password: try configuration.password?())
            } catch {
                throw RedisError(.connectionFailed, message: "no password: \(error)")
            }
        }
    }
}
