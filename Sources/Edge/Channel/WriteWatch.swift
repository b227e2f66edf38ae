// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Tells, from looks at a connection now and then, whether its client has stopped taking what is written.
struct WriteWatch {
    /// How many bytes the channel has been given, all in all.
    var writtenByteCount = 0
    private var takenByteCount = 0
    private var takenSince: NIODeadline?

    /// Whether bytes are waiting, and none has been taken for `limit`.
    mutating func isStalled(pendingByteCount: Int, limit: TimeAmount, now: NIODeadline) -> Bool {
        let taken = writtenByteCount - pendingByteCount
        guard pendingByteCount > 0 else {
            takenSince = nil
            return false
        }
        guard let takenSince, taken == takenByteCount else {
            takenByteCount = taken
            takenSince = now
            return false
        }
        return now - takenSince >= limit
    }
}
