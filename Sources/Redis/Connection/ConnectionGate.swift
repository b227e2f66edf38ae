// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Keeps the connections of a client from all trying to be opened while the server is away: then one of them tries,
/// once in an interval. Thread-safe.
final class ConnectionGate: Sendable {
    private struct State {
        /// Whether the last that was tried was opened.
        var isOpen = true
        var nextTryAt = NIODeadline.distantPast
    }

    private let interval: Duration
    private let state = Mutex(State())

    init(interval: Duration) { self.interval = interval }

    /// Whether to try now.
    func admit(at now: NIODeadline) -> Bool {
        state.withLock { state in
            if state.isOpen { return true }
            guard now >= state.nextTryAt else { return false }
            state.nextTryAt = nextTry(after: now)
            return true
        }
    }

    func succeeded() { state.withLock { $0.isOpen = true } }

    func failed(at now: NIODeadline) {
        state.withLock { state in
            guard state.isOpen else { return }
            state = State(isOpen: false, nextTryAt: nextTry(after: now))
        }
    }

    private func nextTry(after now: NIODeadline) -> NIODeadline {
        now + TimeAmount(interval * Double.random(in: 1...1.25))
    }
}
