// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A command that was sent and has its place in the order of replies.
struct PendingCommand {
    /// Who waits for the reply.
    enum Waiter {
        /// A task.
        case task(UnsafeContinuation<Result<RedisReply, RedisError>, Never>)
        /// Something that runs on the connection's event loop.
        case callback(@Sendable (Result<RedisReply, RedisError>) -> Void)
        /// Nobody, or nobody any more: the reply still comes, and is dropped.
        case nobody
    }

    var waiter: Waiter
    let operation: RedisOperation
    let sentAt: NIODeadline
    var deadline: NIODeadline
    /// Whether the reply decides about the circuit breaker's state.
    let isProbe: Bool
}

extension PendingCommand.Waiter {
    func resume(_ result: Result<RedisReply, RedisError>) {
        switch self {
        case .task(let continuation): continuation.resume(returning: result)
        case .callback(let callback): callback(result)
        case .nobody: break
        }
    }
}
