// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A part of a limiter's table, with a lock of its own. Thread-safe.
final class RateLimiterPart<Key: Hashable & Sendable>: Sendable {
    /// How many buckets a key may lie in: few enough to look at all of them.
    static var setSize: Int { 8 }

    private let setCount: Int
    private let state = Mutex(State())

    private struct Entry {
        var key: Key?
        var bucket: TokenBucket
    }

    private struct State {
        /// The sets, one behind the other; taken when the first key comes.
        var entries: [Entry] = []
        var keyCount = 0
        /// What keys that are new begin with: a bucket that has been emptied as far as any that had to make room.
        var floor: TokenBucket?
    }

    init(setCount: Int) { self.setCount = setCount }

    var keyCount: Int { state.withLock { $0.keyCount } }

    func take(_ count: Int, for key: Key, hash: UInt64, at now: UInt64, limit: RateLimit) -> RateLimitDecision {
        // The upper bits: the lower ones have chosen the part.
        let first = Int(truncatingIfNeeded: (hash >> 32 &* UInt64(setCount)) >> 32) * Self.setSize
        return state.withLock { state in
            if state.entries.isEmpty {
                let empty = Entry(key: nil, bucket: TokenBucket(limit, at: now))
                state.entries = Array(repeating: empty, count: setCount * Self.setSize)
            }
            for index in first..<(first + Self.setSize) where state.entries[index].key == key {
                return state.entries[index].bucket.take(count, at: now, limit: limit)
            }
            let index = Self.makeRoom(in: &state, from: first, at: now, limit: limit)
            var bucket = TokenBucket(limit, at: now)
            if let floor = state.floor { bucket.lower(to: floor) }
            let decision = bucket.take(count, at: now, limit: limit)
            state.entries[index] = Entry(key: key, bucket: bucket)
            return decision
        }
    }

    /// Returns a place in the set for another key: a free one; or that of a key that lacks nothing, and loses nothing; or that
    /// of the one that lacks least.
    private static func makeRoom(
        in state: inout State, from first: Int, at now: UInt64, limit: RateLimit
    ) -> Int {
        state.floor?.fill(at: now, limit: limit)
        if let floor = state.floor, floor.isFull(limit) { state.floor = nil }
        var fullest = first
        for index in first..<(first + setSize) {
            guard state.entries[index].key != nil else {
                state.keyCount += 1
                return index
            }
            state.entries[index].bucket.fill(at: now, limit: limit)
            if state.entries[index].bucket.holdsMore(than: state.entries[fullest].bucket) { fullest = index }
        }
        let leaving = state.entries[fullest].bucket
        if !leaving.isFull(limit) {
            var floor = state.floor ?? leaving
            floor.lower(to: leaving)
            state.floor = floor
        }
        return fullest
    }
}
