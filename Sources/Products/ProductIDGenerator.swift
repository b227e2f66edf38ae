// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Makes ids that ascend in the order they are made, also within a millisecond and when the clock is set back.
///
/// UUID version 7 with a 12-bit counter in `rand_a` and 62 random bits. A counter that runs over borrows the next
/// millisecond. Thread-safe.
///
/// Source: RFC 9562 section 5.7 and section 6.2, method 1.
package final class ProductIDGenerator: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
    }

    private let clock: any WallClock
    private let state = Mutex(State())

    package init(clock: any WallClock) { self.clock = clock }

    /// Returns the next id.
    package func next() -> ProductID {
        let now = UInt64(max(0, clock.millisecondsSinceEpoch))
        let (milliseconds, counter) = state.withLock { state in
            if now > state.milliseconds {
                state.milliseconds = now
                state.counter = UInt64.random(in: 0..<0x800)
            } else {
                state.counter += 1
                if state.counter > 0xfff {
                    state.milliseconds += 1
                    state.counter = 0
                }
            }
            return (state.milliseconds, state.counter)
        }
        let high = milliseconds << 16 | 0x7000 | counter
        let low = UInt64.random(in: 0..<1 << 62) | 0x8000_0000_0000_0000
        return ProductID(high: high, low: low)
    }
}
