// SPDX-License-Identifier: Apache-2.0

import ProductsTesting
import RateLimiting
import Testing

@Suite struct `Token buckets` {
    private static let second: UInt64 = 1_000_000_000

    /// How many tokens have come at most by the rate alone, rounded up: count · elapsed / period, in 128 bits.
    private static func earned(_ limit: RateLimit, in nanoseconds: UInt64) -> UInt64 {
        let (seconds, attoseconds) = limit.period.components
        let period = UInt128(seconds) * 1_000_000_000 + UInt128(attoseconds / 1_000_000_000)
        return UInt64((UInt128(limit.count) * UInt128(nanoseconds) + period - 1) / period)
    }

    private static let limits: [(Int, Duration, Int)] = [
        (100, .seconds(1), 200), (1, .seconds(86_400), 1), (1, .seconds(86_400), 3), (1_000_000_000, .seconds(1), 10),
        (3_000_000_000, .seconds(1), 1), (3, .seconds(7), 2), (7, .milliseconds(3), 1000), (1, .nanoseconds(1), 1),
        (1000, .seconds(3600), 50), (0, .seconds(1), 5), (999_999_937, .seconds(1009), 17),
    ]

    @Test(arguments: limits)
    func `L1, L3, L5: never more than the burst and the rate allow, whatever the clock does`(
        count: Int, period: Duration, burst: Int
    ) throws {
        let limit = try #require(RateLimit(count, per: period, burst: burst))
        var random = SeededGenerator(seed: UInt64(burst))
        var bucket = TokenBucket(limit, at: 1000)
        var (now, latest): (UInt64, UInt64) = (1000, 1000)
        var taken: UInt64 = 0
        let step = max(1, (limit.timeToFill ?? .seconds(1)) / .nanoseconds(1) / 10)
        for _ in 0..<20_000 {
            // Mostly on, in small and large steps; at times back.
            switch Int.random(in: 0..<10, using: &random) {
            case 0: now = now > 1_000_000 ? now - UInt64.random(in: 0...1_000_000, using: &random) : now
            case 1: now += UInt64(step * 3)
            default: now += UInt64(step * Double.random(in: 0...1, using: &random))
            }
            latest = max(latest, now)
            let wanted = Int.random(in: 0...3, using: &random)
            if bucket.take(wanted, at: now, limit: limit).isAllowed { taken += UInt64(wanted) }
            try #require(taken <= UInt64(burst) + Self.earned(limit, in: latest - 1000))
        }
    }

    @Test(arguments: limits.filter { $0.0 > 0 && $0.2 > 1 })
    func `L1, L4: a client that keeps asking gets all that comes`(count: Int, period: Duration, burst: Int) throws {
        let limit = try #require(RateLimit(count, per: period, burst: burst))
        var bucket = TokenBucket(limit, at: 0)
        let interval = UInt64(max(1, period / .nanoseconds(1) / Double(count) / 3))
        var (now, taken): (UInt64, UInt64) = (0, 0)
        for _ in 0..<30_000 {
            now += interval
            // Three times as often as tokens come: what is refused costs nothing.
            while bucket.take(1, at: now, limit: limit).isAllowed { taken += 1 }
        }
        let earned = Self.earned(limit, in: now)
        #expect(taken <= UInt64(burst) + earned && taken + 1 >= UInt64(burst) + earned - 1)
    }

    @Test func `L3: a clock that goes back and forth makes no tokens`() throws {
        let limit = try #require(RateLimit(1, per: .seconds(1), burst: 1))
        var bucket = TokenBucket(limit, at: 10 * Self.second)
        #expect(bucket.take(1, at: 10 * Self.second, limit: limit).isAllowed)
        for _ in 0..<1000 {
            #expect(!bucket.take(1, at: 1 * Self.second, limit: limit).isAllowed)
            #expect(!bucket.take(1, at: 10 * Self.second, limit: limit).isAllowed)
        }
        #expect(bucket.take(1, at: 11 * Self.second, limit: limit).isAllowed)
    }

    @Test(arguments: limits)
    func `L7: whoever waits as long as told gets the token, and not a nanosecond sooner`(
        count: Int, period: Duration, burst: Int
    ) throws {
        let limit = try #require(RateLimit(count, per: period, burst: burst))
        var bucket = TokenBucket(limit, at: 0)
        var now: UInt64 = 0
        for _ in 0..<200 {
            let decision = bucket.take(1, at: now, limit: limit)
            guard !decision.isAllowed else { continue }
            guard let wait = decision.retryAfter else {
                #expect(count == 0)
                return
            }
            let nanoseconds = UInt64(wait / .nanoseconds(1))
            try #require(nanoseconds > 0)
            var sooner = bucket
            #expect(!sooner.take(1, at: now + nanoseconds - 1, limit: limit).isAllowed)
            now += nanoseconds
            #expect(bucket.take(1, at: now, limit: limit).isAllowed)
        }
    }

    @Test func `what is more than the burst never comes`() throws {
        let limit = try #require(RateLimit(10, per: .seconds(1), burst: 5))
        var bucket = TokenBucket(limit, at: 0)
        for count in [6, 1000, .max] {
            let decision = bucket.take(count, at: 0, limit: limit)
            #expect(!decision.isAllowed && decision.retryAfter == nil && decision.remaining == 5)
        }
        #expect(bucket.take(0, at: 0, limit: limit).isAllowed && bucket.take(-1, at: 0, limit: limit).isAllowed)
        let last = bucket.take(5, at: 0, limit: limit)
        #expect(
            last.isAllowed && last.remaining == 0 && last.retryAfter == .zero && last.fullAfter == .milliseconds(500))
    }

    @Test func `L5: what cannot be counted with is no limit`() {
        for (count, period, burst) in [
            (-1, .seconds(1), 1), (1, .zero, 1), (1, .seconds(-1), 1), (1, .seconds(1), 0), (1, .seconds(1), -1),
            (1, .seconds(Int64.max), 1), (1, .seconds(86_400), .max),
            (1, Duration(secondsComponent: 0, attosecondsComponent: 5), 1),
        ] as [(Int, Duration, Int)] {
            #expect(RateLimit(count, per: period, burst: burst) == nil)
        }
        #expect(RateLimit(1, per: .seconds(86_400), burst: 100_000) != nil)
    }
}
