// SPDX-License-Identifier: Apache-2.0

/// A bucket that tokens come into at a steady rate, up to its burst, and are taken out of by what is to be limited.
///
/// In any time `t` at most `burst + rate · t` tokens are taken, exactly: it counts in whole units (``RateLimit``) and
/// is filled only when it is looked at. A clock that goes back adds nothing, and what is refused costs nothing.
///
/// Source: the token bucket of RFC 2697 section 3, with lazy filling.
public struct TokenBucket: Sendable, Hashable {
    /// What is in it, in units of its limit.
    @usableFromInline var level: UInt64
    /// When ``level`` was right, in nanoseconds of a monotonic clock; never earlier than before.
    @usableFromInline var filledAt: UInt64

    /// A full bucket.
    @inlinable
    public init(_ limit: RateLimit, at now: UInt64) {
        level = limit.capacity
        filledAt = now
    }

    /// Takes tokens, all or none.
    ///
    /// - Parameters:
    ///   - count: 0 or more. More than the burst is always refused.
    ///   - now: Nanoseconds of a monotonic clock. A time before the last one counts as that one.
    ///   - limit: The same each time.
    @inlinable
    public mutating func take(_ count: Int, at now: UInt64, limit: RateLimit) -> RateLimitDecision {
        fill(at: now, limit: limit)
        let (price, overflow) = limit.unitsPerToken.multipliedReportingOverflow(by: UInt64(max(0, count)))
        let isAllowed = !overflow && price <= level
        if isAllowed { level -= price }
        // What is more than the bucket holds never comes.
        let missing = isAllowed ? 0 : overflow || price > limit.capacity ? nil : price - level
        return RateLimitDecision(isAllowed: isAllowed, level: level, missing: missing, limit: limit)
    }

    /// Adds what has come since it was last filled.
    @inlinable
    mutating func fill(at now: UInt64, limit: RateLimit) {
        guard now > filledAt else { return }
        let (gain, overflow) = (now - filledAt).multipliedReportingOverflow(by: limit.unitsPerNanosecond)
        level = overflow || gain >= limit.capacity - level ? limit.capacity : level + gain
        filledAt = now
    }

    /// Whether nothing more fits in; to be asked of one that has just been filled.
    @inlinable func isFull(_ limit: RateLimit) -> Bool { level == limit.capacity }

    /// Whether there is more in it than in another of the same limit, both just filled.
    @inlinable func holdsMore(than other: TokenBucket) -> Bool { level > other.level }

    /// Lowers it to what is in another of the same limit, if that is less; what came before either was filled does not
    /// come again.
    @inlinable
    mutating func lower(to other: TokenBucket) {
        level = min(level, other.level)
        filledAt = max(filledAt, other.filledAt)
    }
}
