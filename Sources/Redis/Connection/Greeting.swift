// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The first commands of a connection: who the client is, which database it means, and who the server is. They are sent
/// together; the first that is refused decides. Used on the connection's event loop alone.
final class Greeting {
    private let handler: RedisChannelHandler
    private let eventLoop: any EventLoop
    private var completion: ((Result<ConnectionOpener.Opened, RedisError>) -> Void)?

    init(
        handler: RedisChannelHandler, eventLoop: any EventLoop,
        _ completion: @escaping (Result<ConnectionOpener.Opened, RedisError>) -> Void
    ) {
        self.handler = handler
        self.eventLoop = eventLoop
        self.completion = completion
    }

    func begin(_ configuration: RedisConfiguration, password: String?, until deadline: NIODeadline) {
        let now = NIODeadline.now()
        let timeout = Duration.nanoseconds(max(0, (deadline - now).nanoseconds))
        handler.closed = { self.end(.failure($0)) }
        if configuration.user != nil, password == nil {
            let message = "a user without a password: give one in the URL or in the file for it"
            return end(.failure(RedisError(.invalidConfiguration, message: message)))
        }
        if let password {
            let user = configuration.user.map { [RedisArgument($0)] } ?? []
            send(RedisCommand(.auth, user + [RedisArgument(password)]), now, timeout)
        }
        if configuration.database != 0 {
            send(RedisCommand(.select, [RedisArgument(configuration.database)]), now, timeout)
        }
        // Servers that do not know it, or do not allow it, are as good.
        handler.send(
            RedisCommand(.client, ["SETNAME", RedisArgument(configuration.clientName)]), .nobody, now: now,
            timeout: timeout)
        send(RedisCommand(.info, ["server"]), now, timeout) { reply in
            guard let identity = ServerIdentity(reply) else {
                return self.end(.failure(RedisError(.unexpectedReply, message: "INFO names no run_id")))
            }
            self.end(.success(ConnectionOpener.Opened(handler: self.handler, identity: identity)))
        }
    }

    private func send(
        _ command: RedisCommand, _ now: NIODeadline, _ timeout: Duration,
        _ then: ((RedisReply) -> Void)? = nil
    ) {
        let bound = NIOLoopBound((self, then), eventLoop: eventLoop)
        let waiter = PendingCommand.Waiter.callback { result in
            let (greeting, then) = bound.value
            switch result {
            case .success(let reply): then?(reply)
            case .failure(let error):
                // Some servers repeat what they do not understand: here, a password.
                let isSecret = command.operation == .auth && error.code == .server
                greeting.end(
                    .failure(
                        isSecret ? RedisError(.server, message: "AUTH is refused", serverCode: error.serverCode) : error
                    ))
            }
        }
        handler.send(command, waiter, now: now, timeout: timeout)
    }

    private func end(_ result: Result<ConnectionOpener.Opened, RedisError>) {
        guard let completion else { return }
        self.completion = nil
        handler.closed = nil
        if case .failure(let error) = result { handler.close(because: error) }
        completion(result)
    }
}
