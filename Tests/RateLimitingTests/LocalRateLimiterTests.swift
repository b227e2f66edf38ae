// SPDX-License-Identifier: Apache-2.0

import ProductsTesting
import RateLimiting
import Synchronization
import Testing

@Suite struct `The local limiter` {
    private static let second: UInt64 = 1_000_000_000

    private func limit(_ count: Int, burst: Int) throws -> RateLimit {
        try #require(RateLimit(count, per: .seconds(1), burst: burst))
    }

    @Test func `L2: thirty-two threads on one key get what one would`() async throws {
        let time = Atomic<UInt64>(0)
        let limiter = LocalRateLimiter<String>(limit: try limit(1000, burst: 100)) {
            // Every look at the clock is ten microseconds later than the one before.
            time.add(10_000, ordering: .relaxed).newValue
        }
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<32 {
                group.addTask { (0..<5000).count { _ in limiter.take(1, for: "one").isAllowed } }
            }
            return await group.reduce(0, +)
        }
        // 160,000 looks are 1.6 seconds.
        #expect(taken <= 100 + 1600 && taken >= 1600)
    }

    @Test func `keys have buckets of their own`() throws {
        let limiter = LocalRateLimiter<String>(limit: try limit(1, burst: 2)) { 0 }
        for key in ["a", "b", "a:b", "a\nb", "{a}b", "", "A"] {
            #expect(limiter.take(2, for: key).isAllowed)
            #expect(!limiter.take(1, for: key).isAllowed)
        }
    }

    @Test func `L9: random names never share a bucket`() throws {
        let limiter = LocalRateLimiter<String>(limit: try limit(0, burst: 1), maximumKeyCount: 200_000) { 0 }
        let parts = ["a", ":", "\n", "{", "}", "|", "\0", "/", "b", "é"]
        var random = SeededGenerator(seed: 9)
        var names: Set<String> = []
        while names.count < 20_000 {
            names.insert(
                (0..<Int.random(in: 1...8, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
                    .joined())
        }
        for name in names { #expect(limiter.take(1, for: name).isAllowed) }
        for name in names { #expect(!limiter.take(1, for: name).isAllowed) }
    }

    @Test func `L8: a million keys leave no more behind than there is room for`() throws {
        let limiter = LocalRateLimiter<UInt64>(limit: try limit(10, burst: 20), maximumKeyCount: 10_000) { 0 }
        for key in 0..<1_000_000 as Range<UInt64> { _ = limiter.take(1, for: key) }
        #expect(limiter.keyCount <= limiter.maximumKeyCount)
        #expect((10_000...10_752).contains(limiter.maximumKeyCount))
    }

    /// A hundred keys that all ask for far more than they may, in a table with room for sixteen: each is forgotten all
    /// the time.
    @Test(arguments: [false, true])
    func `L8: an abuser who is forgotten does not begin anew, whatever the clock does`(clockGoesBack: Bool) throws {
        let limit = try limit(10, burst: 20)
        var (now, latest): (UInt64, UInt64) = (10 * Self.second, 10 * Self.second)
        let limiter = LocalRateLimiter<UInt64>(limit: limit, maximumKeyCount: 16)
        var random = SeededGenerator(seed: 8)
        var taken: [UInt64: Int] = [:]
        var denied = 0
        for _ in 0..<200_000 {
            now += .random(in: 0...200_000, using: &random)
            latest = max(latest, now)
            let isBack = clockGoesBack && Int.random(in: 0..<4, using: &random) == 0
            let seen = isBack ? now - .random(in: 0...(9 * Self.second), using: &random) : now
            let key = UInt64.random(in: 0..<100, using: &random)
            if limiter.take(1, for: key, at: seen).isAllowed { taken[key, default: 0] += 1 } else { denied += 1 }
        }
        let allowed = 20 + Int((latest - 10 * Self.second) / Self.second) * 10 + 10
        #expect(taken.values.max() ?? 0 <= allowed, "\(taken.values.max() ?? 0) of \(allowed)")
        #expect(denied > 100_000 && limiter.keyCount <= limiter.maximumKeyCount)
    }

    @Test func `L3, L8: a bucket that was forgotten is not filled by a clock that goes back and forth`() throws {
        let limit = try #require(RateLimit(1, per: .seconds(1), burst: 1))
        let limiter = LocalRateLimiter<UInt64>(limit: limit, maximumKeyCount: 8)
        var admitted = 0
        for _ in 0..<100 {
            // Nine keys for eight places, so that one is always forgotten.
            for key in 0..<9 as Range<UInt64> {
                for moment in [0, 1000] as [UInt64] {
                    if limiter.take(1, for: key, at: moment * Self.second).isAllowed { admitted += 1 }
                }
            }
        }
        // One at the beginning, and one in the thousand seconds since.
        #expect(admitted <= 18)
    }

    @Test func `keys that lack nothing are forgotten first, and nobody pays for it`() throws {
        let limiter = LocalRateLimiter<UInt64>(limit: try limit(10, burst: 20), maximumKeyCount: 64)
        _ = limiter.take(20, for: 0, at: 0)
        // Enough time between them to be full again before the next round comes.
        for key in 1..<10_000 as Range<UInt64> {
            #expect(limiter.take(20, for: key, at: key * 100 * Self.second).isAllowed)
        }
    }

    @Test func `serves the port, too`() async throws {
        let limiter: any RateLimiter<String> = LocalRateLimiter(limit: try limit(1, burst: 1))
        let first = await limiter.take(1, for: "a")
        let second = await limiter.take(1, for: "a")
        #expect(first.isAllowed && !second.isAllowed)
    }
}
