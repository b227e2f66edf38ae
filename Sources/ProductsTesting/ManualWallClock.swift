// SPDX-License-Identifier: Apache-2.0

import Products
import Synchronization

/// A clock that stands where it is set. Thread-safe.
package final class ManualWallClock: WallClock {
    private let milliseconds: Mutex<Int64>

    package init(secondsSinceEpoch: Int64 = 1_700_000_000) { milliseconds = Mutex(secondsSinceEpoch * 1000) }

    package var millisecondsSinceEpoch: Int64 { milliseconds.withLock { $0 } }

    /// Moves the clock, back when `seconds` is negative.
    package func advance(bySeconds seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
}
