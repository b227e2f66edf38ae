// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says whether what stands in Redis may be believed: only when the outbox was found empty after the last thing that
/// gives reason to doubt. Thread-safe.
///
/// Without that, a replica that could not reach Redis when it wrote would read there, once it can again, what its own
/// write has made stale.
final class OutboxTrust: Sendable {
    private struct State {
        /// Counts the reasons to doubt.
        var doubts: UInt64 = 1
        /// Writes under way that Redis does not hear of.
        var unheardWriteCount = 0
    }

    /// A look at the outbox under way.
    struct Look: Sendable {
        fileprivate let doubts: UInt64
        fileprivate let unheardWriteCount: Int
    }

    private let state = Mutex(State())
    private let trusted = Atomic(false)

    var isTrusted: Bool { trusted.load(ordering: .acquiring) }

    func doubt() { state.withLock { doubt(&$0) } }

    private func doubt(_ state: inout State) {
        state.doubts += 1
        trusted.store(false, ordering: .releasing)
    }

    /// A write begins that Redis does not hear of.
    func unheardWriteBegan() {
        state.withLock { state in
            state.unheardWriteCount += 1
            doubt(&state)
        }
    }

    /// Its note is in the store by now, or nothing has changed.
    func unheardWriteEnded() {
        state.withLock { state in
            state.unheardWriteCount -= 1
            doubt(&state)
        }
    }

    func lookBegan() -> Look {
        state.withLock { Look(doubts: $0.doubts, unheardWriteCount: $0.unheardWriteCount) }
    }

    func lookEnded(_ look: Look, isEmpty: Bool) {
        state.withLock { state in
            if !isEmpty { return doubt(&state) }
            guard look.unheardWriteCount == 0, look.doubts == state.doubts else { return }
            trusted.store(true, ordering: .releasing)
        }
    }
}
