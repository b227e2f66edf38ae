// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What the reactor is asked for by other threads, and the way to wake it. Thread-safe.
final class Inbox: Sendable {
    enum Message: Sendable {
        case statement(PostgresOperation)
        /// A transaction is over, in order or not.
        case release(Lease)
        case opened(PostgresConnection)
        case openingFailed(PostgresError)
        case close(@Sendable () -> Void)
    }

    private struct State {
        var messages: [Message] = []
        var isAsleep = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let pipe: WakePipe

    init(pipe: WakePipe) { self.pipe = pipe }

    /// Returns false when the reactor has ended, and nothing will come of the message.
    func put(_ message: Message) -> Bool {
        let (isTaken, wakes) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.messages.append(message)
            defer { state.isAsleep = false }
            return (true, state.isAsleep)
        }
        if wakes { pipe.wake() }
        return isTaken
    }

    /// Swaps the messages for `empty`, whose room is used again. When there are none, whoever puts the next one wakes
    /// the reactor.
    func take(into messages: inout [Message]) {
        messages.removeAll(keepingCapacity: true)
        state.withLock { state in
            swap(&state.messages, &messages)
            state.isAsleep = messages.isEmpty
        }
    }

    /// Takes nothing more. Returns what was left.
    func close() -> [Message] {
        state.withLock { state in
            state.isClosed = true
            defer { state.messages = [] }
            return state.messages
        }
    }
}
