// SPDX-License-Identifier: Apache-2.0

public import Synchronization

/// A part of a limiter's table, with a lock of its own. Thread-safe.
///
/// Inlinable, so that a limiter is compiled for the keys of whoever uses it: generic code takes several times as long.
@usableFromInline
final class RateLimiterPart<Key: Hashable & Sendable>: Sendable {
    /// How many buckets a key may lie in: few enough to look at all of them.
    @inlinable static var setSize: Int { 8 }

    @usableFromInline let setCount: Int
    @usableFromInline let state = Mutex(State())

    @usableFromInline
    struct Entry {
        @usableFromInline var key: Key
        @usableFromInline var bucket: TokenBucket

        @inlinable
        init(key: Key, bucket: TokenBucket) {
            self.key = key
            self.bucket = bucket
        }
    }

    @usableFromInline
    struct State {
        /// For each place, 0 when it is free, else some bits of the hash of its key: most others need not be looked at.
        @usableFromInline var tags: [UInt8] = []
        /// The sets, one behind the other; taken when the first key comes.
        @usableFromInline var entries: [Entry] = []
        @usableFromInline var keyCount = 0
        /// What keys that are new begin with: a bucket that has been emptied as far as any that had to make room.
        @usableFromInline var floor: TokenBucket?

        @inlinable init() {}
    }

    @inlinable
    init(setCount: Int) { self.setCount = setCount }

    @inlinable var keyCount: Int { state.withLock { $0.keyCount } }

    @inlinable
    func take(_ count: Int, for key: Key, hash: UInt64, at now: UInt64, limit: RateLimit) -> RateLimitDecision {
        // The upper bits choose the set, as the lowest have chosen the part; those in the middle are the tag.
        let first = Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(setCount)) >> 32) * Self.setSize
        let tag = UInt8(truncatingIfNeeded: hash >> 8) | 1
        return state.withLock { state in
            if state.entries.isEmpty {
                let capacity = setCount * Self.setSize
                state.tags = Array(repeating: 0, count: capacity)
                state.entries = Array(
                    repeating: Entry(key: key, bucket: TokenBucket(limit, at: now)), count: capacity)
            }
            for index in first..<(first + Self.setSize)
            where state.tags[index] == tag && state.entries[index].key == key {
                return state.entries[index].bucket.take(count, at: now, limit: limit)
            }
            let index = Self.makeRoom(in: &state, from: first, at: now, limit: limit)
            var bucket = TokenBucket(limit, at: now)
            if let floor = state.floor { bucket.lower(to: floor) }
            let decision = bucket.take(count, at: now, limit: limit)
            state.tags[index] = tag
            state.entries[index] = Entry(key: key, bucket: bucket)
            return decision
        }
    }

    /// Returns a place in the set for another key: a free one; or that of a key that lacks nothing, and loses nothing;
    /// or that of the one that lacks least.
    @inlinable
    static func makeRoom(in state: inout State, from first: Int, at now: UInt64, limit: RateLimit) -> Int {
        state.floor?.fill(at: now, limit: limit)
        if let floor = state.floor, floor.isFull(limit) { state.floor = nil }
        var fullest = first
        for index in first..<(first + setSize) {
            guard state.tags[index] != 0 else {
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
