// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// Lets so many lines of one kind pass in a second, and counts the rest. Thread-safe.
final class LineLimit: Sendable {
    private let state: Mutex<State>
    private let perSecond: Int

    private struct State {
        var second: UInt64 = 0
        var count = 0
        var suppressedCount = 0
    }

    init(perSecond: Int) {
        self.perSecond = perSecond
        state = Mutex(State())
    }

    /// Returns how many lines have been left out since the last that passed; nil when this one is to be left out, too.
    func admit(at instant: NIODeadline) -> Int? {
        state.withLock { state in
            let second = instant.uptimeNanoseconds / 1_000_000_000
            if second != state.second { (state.second, state.count) = (second, 0) }
            guard state.count < perSecond else {
                state.suppressedCount += 1
                return nil
            }
            state.count += 1
            defer { state.suppressedCount = 0 }
            return state.suppressedCount
        }
    }
}
