// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Tells the time of day. It may step back: nothing is ordered by it.
package protocol WallClock: Sendable {
    /// Milliseconds of UTC since 1970 (POSIX time).
    var millisecondsSinceEpoch: Int64 { get }
}

extension WallClock {
    package var now: Timestamp { Timestamp(secondsSinceEpoch: millisecondsSinceEpoch / 1000) }
}

/// The machine's own clock.
package struct SystemWallClock: WallClock {
    package init() {}

    package var millisecondsSinceEpoch: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
