// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Measures how long something takes, less the time in which the machine ran nothing of this process: so that a bound
/// holds for what is tested, and not for what else the machine has to do.
package struct Stopwatch: Sendable {
    private let start = ContinuousClock.now
    private let lostBefore = LostTime.shared.sum

    package init() {}

    /// The time since the start that the machine gave.
    package var elapsed: Duration {
        max(.zero, ContinuousClock.now - start - (LostTime.shared.sum - lostBefore))
    }
}

/// The time in which a thread that was to run did not, since the first use. Its thread lasts as long as the process.
private final class LostTime: Sendable {
    static let shared = LostTime()
    private static let interval = Duration.milliseconds(5)

    /// What earlier ticks were late by, and when the next is due.
    private let state = Mutex((sum: Duration.zero, due: ContinuousClock.now + LostTime.interval))

    private init() {
        let thread = Thread { [self] in
            let never = DispatchSemaphore(value: 0)
            while true {
                _ = never.wait(timeout: .now() + .milliseconds(5))
                state.withLock {
                    let now = ContinuousClock.now
                    $0 = ($0.sum + max(.zero, now - $0.due), now + Self.interval)
                }
            }
        }
        thread.name = "lost-time"
        thread.start()
    }

    var sum: Duration { state.withLock { $0.sum + max(.zero, ContinuousClock.now - $0.due) } }
}
