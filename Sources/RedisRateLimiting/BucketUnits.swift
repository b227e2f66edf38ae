// SPDX-License-Identifier: Apache-2.0

import RateLimiting

/// The units in which a server counts: whole numbers of them come with each of its microseconds, however low the rate.
struct BucketUnits: Sendable, Hashable {
    let perToken: UInt64
    let perMicrosecond: UInt64
    let capacity: UInt64

    /// The greatest number up to which Lua counts exactly.
    private static let maximum: UInt64 = 1 << 53

    /// Nil when the numbers are too large, when the period is no whole number of microseconds, or nothing ever comes.
    init?(_ limit: RateLimit) {
        let (seconds, attoseconds) = limit.period.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow, attoseconds % 1_000_000_000_000 == 0, limit.count > 0 else { return nil }
        let microseconds = UInt64(whole) + UInt64(attoseconds / 1_000_000_000_000)
        guard microseconds > 0 else { return nil }
        let divisor = Self.greatestCommonDivisor(UInt64(limit.count), microseconds)
        perToken = microseconds / divisor
        perMicrosecond = UInt64(limit.count) / divisor
        let (capacity, isTooLarge) = perToken.multipliedReportingOverflow(by: UInt64(limit.burst))
        guard !isTooLarge, capacity < Self.maximum, perMicrosecond < Self.maximum else { return nil }
        self.capacity = capacity
    }

    /// What so many tokens are worth; above the capacity for all that are never there together.
    func price(of count: Int) -> UInt64 {
        let (price, overflow) = perToken.multipliedReportingOverflow(by: UInt64(max(0, count)))
        return overflow || price > capacity ? capacity + 1 : price
    }

    /// How long an empty bucket takes to be full, rounded up, and a second more: clocks are not that exact.
    var millisecondsToFill: UInt64 { capacity / perMicrosecond / 1000 + 1001 }

    private static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (larger, smaller) = (first, second)
        while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
