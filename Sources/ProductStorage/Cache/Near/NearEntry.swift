// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A value in a near cache, and its place in one of the cache's two queues.
///
/// Invariant of `@unchecked Sendable`: what may change, but for the count of hits, is used under the lock of its shard.
final class NearEntry<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    let key: Key
    let hash: Int
    let value: Value
    /// What it takes of the cache's memory, in bytes.
    let cost: Int
    /// Which connection's invalidations it has been under.
    let epoch: UInt32
    /// When it ends, in nanoseconds of the monotonic clock.
    let expiresAt: UInt64
    /// From when on whoever hits it should see to its successor.
    private let refreshAt: UInt64
    private let isRefreshClaimed = Atomic(false)

    /// How often it was hit since it was last looked at, up to 3.
    let hits = Atomic<UInt8>(0)
    var isInMain = false
    // Neighbours in its queue. Not owned: the shard's table owns every entry.
    unowned(unsafe) var newer: NearEntry?
    unowned(unsafe) var older: NearEntry?

    init(key: Key, hash: Int, value: Value, cost: Int, epoch: UInt32, now: UInt64, expiresAt: UInt64) {
        self.key = key
        self.hash = hash
        self.value = value
        self.cost = cost
        self.epoch = epoch
        self.expiresAt = expiresAt
        refreshAt = expiresAt - (expiresAt - min(now, expiresAt)) / 10
    }

    /// Whether it ends soon, and nobody has been told yet: once true, then false.
    @inline(__always)
    func claimRefresh(now: UInt64) -> Bool {
        now >= refreshAt && !isRefreshClaimed.exchange(true, ordering: .relaxed)
    }

    /// Counts a hit. Two at once may count as one: the order of eviction is a guess in any case.
    @inline(__always)
    func hit() {
        let count = hits.load(ordering: .relaxed)
        if count < 3 { hits.store(count + 1, ordering: .relaxed) }
    }
}
