// SPDX-License-Identifier: Apache-2.0

/// A cache in the process' memory, bounded in bytes, that keeps what is read often through scans of what is read once.
/// Thread-safe; a hit takes a shared lock of a part of it, and allocates nothing.
final class NearCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// How much memory it may take, its tables included, in bytes.
    let maximumByteCount: Int
    private let shards: [NearShard<Key, Value>]

    /// What an entry takes beside its value's own memory: the object with its fields, as the allocator hands it out.
    private static var entryByteCount: Int {
        MemoryCost.ofBlock(96 + MemoryLayout<Key>.stride + MemoryLayout<Value>.stride)
    }

    /// - Parameter maximumByteCount: 0 or more; with 0 nothing is kept.
    init(maximumByteCount: Int) {
        self.maximumByteCount = maximumByteCount
        var shardCount = 1
        while shardCount < 64, maximumByteCount / shardCount > 1 << 20 { shardCount *= 2 }
        shards = (0..<shardCount).map { _ in NearShard(maximumByteCount: maximumByteCount / shardCount) }
    }

    /// How many entries there are, what they and the tables take in bytes, and how many have been driven out so far.
    /// Takes every lock, one after the other: for metrics.
    var counts: (entries: Int, bytes: Int, evictions: Int) {
        shards.reduce((0, 0, 0)) { sum, shard in
            let counts = shard.counts
            return (sum.0 + counts.entries, sum.1 + counts.bytes, sum.2 + counts.evictions)
        }
    }

    /// The value of a key, if it is of this epoch and has not expired.
    @inline(__always)
    func value(for key: Key, epoch: UInt32, now: UInt64) -> Value? {
        entry(for: key, epoch: epoch, now: now)?.value
    }

    /// The same, and whether whoever asks should see to its successor: in the last tenth of its time, one is told so.
    @inline(__always)
    func hit(for key: Key, epoch: UInt32, now: UInt64) -> (value: Value, isDue: Bool)? {
        entry(for: key, epoch: epoch, now: now).map { ($0.value, $0.claimRefresh(now: now)) }
    }

    @inline(__always)
    private func entry(for key: Key, epoch: UInt32, now: UInt64) -> NearEntry<Key, Value>? {
        if maximumByteCount == 0 { return nil }
        let hash = key.hashValue
        guard let entry = shard(of: hash).entry(for: key, hash: hash), entry.epoch == epoch, entry.expiresAt > now
        else { return nil }
        entry.hit()
        return entry
    }

    /// Keeps a value, if `isCurrent` still says so when nothing can come in between.
    ///
    /// - Parameter valueByteCount: What the value takes beside its own fields.
    @discardableResult
    func insert(
        _ value: Value, for key: Key, valueByteCount: Int, epoch: UInt32, expiresAt: UInt64, now: UInt64,
        ifStill isCurrent: () -> Bool
    ) -> Bool {
        if maximumByteCount == 0 { return false }
        let hash = key.hashValue
        let entry = NearEntry(
            key: key, hash: hash, value: value, cost: Self.entryByteCount + valueByteCount, epoch: epoch,
            now: now, expiresAt: expiresAt)
        return shard(of: hash).insert(entry, now: now, ifStill: isCurrent)
    }

    func remove(_ key: Key) {
        if maximumByteCount == 0 { return }
        let hash = key.hashValue
        shard(of: hash).remove(key, hash: hash)
    }

    @inline(__always)
    private func shard(of hash: Int) -> NearShard<Key, Value> {
        // The upper bits, as the lower ones find the place in the shard.
        shards[Int(truncatingIfNeeded: UInt(bitPattern: hash) >> 52) & (shards.count - 1)]
    }
}
