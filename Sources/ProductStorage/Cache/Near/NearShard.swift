// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A part of a near cache, with a lock of its own. Thread-safe.
///
/// What is new comes into a small queue and leaves it soon, unless it is hit there: so what is read once does not drive
/// out what is read often. What was driven out of the small queue and comes again goes straight into the main one.
///
/// Source: Yang et al., FIFO queues are all you need for cache eviction (SOSP 2023): S3-FIFO.
final class NearShard<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    typealias Entry = NearEntry<Key, Value>

    // Invariant of `@unchecked Sendable`: all of this is used under the lock.
    private let lock = SharedLock()
    private let maximumByteCount: Int
    private var table = NearTable<Key, Value>()
    private var small = NearQueue<Key, Value>()
    private var main = NearQueue<Key, Value>()
    /// Part of the hashes of what has left the small queue without a hit; later ones take the places of earlier ones.
    private var ghosts: [UInt32] = []
    private var evictionCount = 0

    /// How much of the memory new entries may take before the oldest of them must go.
    private static var smallShare: Int { 10 }

    init(maximumByteCount: Int) { self.maximumByteCount = maximumByteCount }

    /// How many entries there are, what they take, and how many have been driven out.
    var counts: (entries: Int, bytes: Int, evictions: Int) {
        lock.withSharedLock { (table.count, byteCount, evictionCount) }
    }

    private var byteCount: Int {
        small.byteCount + main.byteCount + table.byteCount + ghosts.count * MemoryLayout<UInt32>.stride
    }

    @inline(__always)
    func entry(for key: Key, hash: Int) -> Entry? { lock.withSharedLock { table.entry(for: key, hash: hash) } }

    /// Adds an entry, or replaces that of the same key, if `isCurrent` still says so under the lock.
    ///
    /// Returns whether it was added.
    func insert(_ entry: Entry, now: UInt64, ifStill isCurrent: () -> Bool) -> Bool {
        lock.withLock {
            guard isCurrent(), entry.cost * Self.smallShare <= maximumByteCount else { return false }
            if let earlier = table.entry(for: entry.key, hash: entry.hash) { remove(earlier) }
            table.insert(entry)
            entry.isInMain = takeGhost(entry.hash)
            if entry.isInMain { main.append(entry) } else { small.append(entry) }
            while byteCount > maximumByteCount, table.count > 1 { evict(now: now) }
            return true
        }
    }

    /// Removes what there is of a key.
    func remove(_ key: Key, hash: Int) {
        lock.withLock {
            if let entry = table.entry(for: key, hash: hash) { remove(entry) }
        }
    }

    private func remove(_ entry: Entry) {
        if entry.isInMain { main.remove(entry) } else { small.remove(entry) }
        table.remove(entry)
    }

    // MARK: - Eviction

    private func evict(now: UInt64) {
        if small.byteCount * Self.smallShare > maximumByteCount || main.oldest == nil {
            evictFromSmall(now: now)
        } else {
            evictFromMain(now: now)
        }
    }

    private func evictFromSmall(now: UInt64) {
        guard let entry = small.oldest else { return }
        if entry.hits.load(ordering: .relaxed) > 1, entry.expiresAt > now {
            small.remove(entry)
            entry.hits.store(0, ordering: .relaxed)
            entry.isInMain = true
            main.append(entry)
            return
        }
        addGhost(entry.hash)
        remove(entry)
        evictionCount += 1
    }

    private func evictFromMain(now: UInt64) {
        guard let entry = main.oldest else { return }
        let hits = entry.hits.load(ordering: .relaxed)
        if hits > 0, entry.expiresAt > now {
            main.remove(entry)
            entry.hits.store(hits - 1, ordering: .relaxed)
            main.append(entry)
            return
        }
        remove(entry)
        evictionCount += 1
    }

    private func addGhost(_ hash: Int) {
        // As many as entries fit, however many there are at the moment.
        if ghosts.count < table.placeCount / 2 { ghosts = Array(repeating: 0, count: table.placeCount / 2) }
        ghosts[ghostPlace(of: hash)] = Self.ghost(of: hash)
    }

    private func takeGhost(_ hash: Int) -> Bool {
        guard !ghosts.isEmpty, ghosts[ghostPlace(of: hash)] == Self.ghost(of: hash) else { return false }
        ghosts[ghostPlace(of: hash)] = 0
        return true
    }

    private func ghostPlace(of hash: Int) -> Int { hash & (ghosts.count - 1) }

    /// Never 0, which stands for none.
    private static func ghost(of hash: Int) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 24) | 1 }
}
