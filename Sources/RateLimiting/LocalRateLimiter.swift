// SPDX-License-Identifier: Apache-2.0

/// Limits keys within this process, with a bounded number of buckets in memory that is taken once.
///
/// ```swift
/// guard let limit = RateLimit(100, per: .seconds(1), burst: 200) else { return }
/// let limiter = LocalRateLimiter<String>(limit: limit)
/// let decision = limiter.take(for: "ada")
/// if !decision.isAllowed { return tooManyRequests(retryAfter: decision.retryAfter) }
/// ```
///
/// The buckets lie in sets of eight, by the hash of their key. When a set is full, the bucket that lacks least makes
/// room; if it lacked anything, keys that are new to its part of the table begin with no more than it had. So a key
/// that is forgotten never gets back more than it would have had: whoever sends under a million names gains nothing by
/// it. Each bucket takes `MemoryLayout<Key>.stride` and 17 bytes.
///
/// Taking costs one hash, one short lock of a part of the table, and no allocation. Thread-safe.
public final class LocalRateLimiter<Key: Hashable & Sendable>: RateLimiter {
    /// What each key may take.
    public let limit: RateLimit
    /// How many keys are remembered at most.
    public let maximumKeyCount: Int

    @usableFromInline let parts: [RateLimiterPart<Key>]
    @usableFromInline let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - maximumKeyCount: 1 or more; rounded up to whole sets in each part of the table.
    ///   - now: Nanoseconds of a monotonic clock.
    @inlinable
    public init(
        limit: RateLimit, maximumKeyCount: Int = 100_000,
        now: @escaping @Sendable () -> UInt64 = MonotonicClock.now
    ) {
        precondition(maximumKeyCount >= 1, "a limiter has room for a key")
        let setCount = (maximumKeyCount + RateLimiterPart<Key>.setSize - 1) / RateLimiterPart<Key>.setSize
        // A power of two, so that a part is found by a mask.
        var partCount = 1
        while partCount < 64, setCount / partCount >= 32 { partCount *= 2 }
        let setsOfPart = (setCount + partCount - 1) / partCount
        self.limit = limit
        self.maximumKeyCount = partCount * setsOfPart * RateLimiterPart<Key>.setSize
        self.now = now
        parts = (0..<partCount).map { _ in RateLimiterPart(setCount: setsOfPart) }
    }

    /// Takes tokens out of the key's bucket, all or none, now.
    @inlinable
    public func take(_ count: Int = 1, for key: Key) -> RateLimitDecision { take(count, for: key, at: now()) }

    /// Takes tokens out of the key's bucket, all or none.
    ///
    /// - Parameters:
    ///   - count: 0 or more.
    ///   - now: Nanoseconds of the limiter's clock.
    @inlinable
    public func take(_ count: Int, for key: Key, at now: UInt64) -> RateLimitDecision {
        let hash = UInt64(truncatingIfNeeded: Int64(key.hashValue))
        return parts[Int(truncatingIfNeeded: hash) & (parts.count - 1)].take(
            count, for: key, hash: hash, at: now, limit: limit)
    }

    /// How many keys are remembered. Takes every lock of the table, one after the other: for a metric.
    @inlinable public var keyCount: Int { parts.reduce(0) { $0 + $1.keyCount } }
}
