// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says whether what stands in Redis may be believed: only when everything in the outbox had been relayed at a moment
/// that is not long ago, and after the last thing that gives reason to doubt. Thread-safe.
///
/// Without that, a replica that could not reach Redis when it wrote would read there, once it can again, what its own
/// write has made stale; and one that was stopped for a while, what others' writes have.
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
        fileprivate let startedAt: UInt64
        fileprivate let wasTrusted: Bool
    }

    private let lifetime: UInt64
    private let state = Mutex(State())
    /// In nanoseconds of the monotonic clock; 0 for not at all.
    private let trustedUntil = Atomic<UInt64>(0)

    /// - Parameter lifetime: How long a look may be ago.
    init(lifetime: Duration) { self.lifetime = lifetime.wholeNanoseconds }

    func isTrusted(at now: UInt64) -> Bool { now < trustedUntil.load(ordering: .acquiring) }

    func doubt() { state.withLock { doubt(&$0) } }

    private func doubt(_ state: inout State) {
        state.doubts += 1
        trustedUntil.store(0, ordering: .releasing)
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

    // MARK: - Looks at the outbox

    func lookBegan(at now: UInt64) -> Look {
        state.withLock { state in
            Look(
                doubts: state.doubts, unheardWriteCount: state.unheardWriteCount, startedAt: now,
                wasTrusted: isTrusted(at: now))
        }
    }

    /// There are notes: until they are relayed, Redis holds what is stale.
    func notesFound() { trustedUntil.store(0, ordering: .releasing) }

    /// All that was in the outbox when the look began has been relayed, or there was nothing.
    func allRelayed(_ look: Look) {
        state.withLock { state in
            guard look.unheardWriteCount == 0, look.doubts == state.doubts else { return }
            trustedUntil.store(look.startedAt &+ lifetime, ordering: .releasing)
        }
    }

    /// The store does not answer: it is taken to be away for all, who then cannot have written. What was believed when
    /// the look began still is.
    func storeIsAway(_ look: Look) {
        state.withLock { state in
            guard look.wasTrusted, look.doubts == state.doubts, trustedUntil.load(ordering: .relaxed) > 0 else {
                return
            }
            trustedUntil.store(look.startedAt &+ lifetime, ordering: .releasing)
        }
    }
}
