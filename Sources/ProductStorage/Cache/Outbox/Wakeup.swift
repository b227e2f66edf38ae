// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A sleep that can be ended by another task. For one sleeper at a time. Thread-safe.
final class Wakeup: Sendable {
    private enum State {
        case idle
        /// Called before anyone slept.
        case called
        case sleeping(UnsafeContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    /// Ends the sleep, or the next one before it begins.
    func wake() {
        let sleeper = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            defer { state = .called }
            if case .sleeping(let continuation) = state { return continuation }
            return nil
        }
        sleeper?.resume()
    }

    /// Sleeps until woken, at most so long. Throws when the task is cancelled.
    func sleep(for duration: Duration) async throws {
        await withTaskGroup { group in
            group.addTask {
                try? await Task.sleep(for: duration)
                self.wake()
            }
            await withUnsafeContinuation { continuation in
                let isCalled = self.state.withLock { state in
                    if case .called = state { return true }
                    state = .sleeping(continuation)
                    return false
                }
                if isCalled { continuation.resume() }
            }
            group.cancelAll()
        }
        state.withLock { $0 = .idle }
        try Task.checkCancellation()
    }
}
