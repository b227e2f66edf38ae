// SPDX-License-Identifier: Apache-2.0

/// How much may be taken: so many tokens in a period, steadily, and so many at once.
///
/// In whole numbers throughout: a token is worth a number of units, and every nanosecond adds a number of units, so
/// that nothing is ever rounded and no token comes of adding up fractions.
public struct RateLimit: Sendable, Hashable {
    /// How many tokens come in a ``period``.
    public let count: Int
    /// The time in which ``count`` tokens come.
    public let period: Duration
    /// How many tokens a bucket holds: what may be taken at once.
    public let burst: Int

    /// What a token is worth, in units.
    @usableFromInline let unitsPerToken: UInt64
    /// What a nanosecond adds, in units.
    @usableFromInline let unitsPerNanosecond: UInt64
    /// What a full bucket is worth, in units: below 2^63.
    @usableFromInline let capacity: UInt64

    /// - Parameters:
    ///   - count: 0 or more; with 0 a bucket is never filled again.
    ///   - period: More than nothing, in whole nanoseconds.
    ///   - burst: 1 or more.
    /// - Returns: Nil when a value is out of its range, or the numbers are too large to count with together: a burst
    ///   must not take more than some 292 years to come back one token at a time.
    public init?(_ count: Int, per period: Duration, burst: Int) {
        let (seconds, attoseconds) = period.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard count >= 0, burst >= 1, period > .zero, !overflow else { return nil }
        let nanoseconds = UInt64(whole) + UInt64(attoseconds / 1_000_000_000)
        guard nanoseconds > 0 else { return nil }
        let divisor = Self.greatestCommonDivisor(UInt64(count), nanoseconds)
        unitsPerToken = nanoseconds / divisor
        unitsPerNanosecond = UInt64(count) / divisor
        let (capacity, isTooLarge) = unitsPerToken.multipliedReportingOverflow(by: UInt64(burst))
        guard !isTooLarge, capacity < 1 << 63 else { return nil }
        self.capacity = capacity
        (self.count, self.period, self.burst) = (count, period, burst)
    }

    /// How long an empty bucket takes to be full; nil when it is never filled.
    public var timeToFill: Duration? { time(for: capacity) }

    /// How long so many units take to come, rounded up; nil when they never do.
    func time(for units: UInt64) -> Duration? {
        guard unitsPerNanosecond > 0 else { return units == 0 ? .zero : nil }
        let nanoseconds = units / unitsPerNanosecond + (units % unitsPerNanosecond == 0 ? 0 : 1)
        return .nanoseconds(Int64(nanoseconds))
    }

    private static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (larger, smaller) = (first, second)
        while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
