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
    /// When whoever hits it should see to its successor: in the last tenth of its time, spread by the key, as entries
    /// that came together would else be due together.
    private let dueAt: Atomic<UInt64>

    /// How long after one was told so the next is, if it still stands: the first may have failed. In nanoseconds.
    static var refreshPause: UInt64 { 200_000_000 }

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
        let tenth = (expiresAt - min(now, expiresAt)) / 10
        dueAt = Atomic(expiresAt - tenth + tenth / 512 * UInt64(truncatingIfNeeded: hash & 0xff))
    }

    /// Whether it ends soon, and nobody has been told so within ``refreshPause``.
    @inline(__always)
    func claimRefresh(now: UInt64) -> Bool {
        let due = dueAt.load(ordering: .relaxed)
        guard now >= due else { return false }
        return dueAt.compareExchange(expected: due, desired: now + Self.refreshPause, ordering: .relaxed).exchanged
    }

    /// Counts a hit. Two at once may count as one: the order of eviction is a guess in any case.
    @inline(__always)
    func hit() {
        let count = hits.load(ordering: .relaxed)
        if count < 3 { hits.store(count + 1, ordering: .relaxed) }
    }
}
