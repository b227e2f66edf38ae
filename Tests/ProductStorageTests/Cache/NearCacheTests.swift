// SPDX-License-Identifier: Apache-2.0

import Logging
import Products
import ProductsTesting
import ServiceTesting
import Testing

@testable import ProductStorage

@Suite struct `The near cache` {
    private typealias Cache = NearCache<Int, Int>

    @discardableResult
    private static func insert(
        _ value: Int, for key: Int, into cache: Cache, bytes: Int = 100, epoch: UInt32 = 1, expiresAt: UInt64 = 100,
        now: UInt64 = 0
    ) -> Bool {
        cache.insert(
            value, for: key, valueByteCount: bytes, epoch: epoch, expiresAt: expiresAt, now: now, ifStill: { true })
    }

    @Test func `serves what is of the epoch and has not expired`() {
        let cache = Cache(maximumByteCount: 1 << 20)
        Self.insert(1, for: 7, into: cache)
        #expect(cache.value(for: 7, epoch: 1, now: 99) == 1)
        #expect(cache.value(for: 7, epoch: 1, now: 100) == nil)
        #expect(cache.value(for: 7, epoch: 2, now: 0) == nil)
        #expect(cache.value(for: 8, epoch: 1, now: 0) == nil)
        Self.insert(2, for: 7, into: cache)
        #expect(cache.value(for: 7, epoch: 1, now: 0) == 2)
        cache.remove(7)
        #expect(cache.value(for: 7, epoch: 1, now: 0) == nil && cache.counts.entries == 0)
    }

    @Test func `tells one of those who ask in the last tenth of an entry's time that it is due`() throws {
        let cache = Cache(maximumByteCount: 1 << 20)
        let second: UInt64 = 1_000_000_000
        func isDue(at milliseconds: UInt64) throws -> Bool {
            try #require(cache.hit(for: 7, epoch: 1, now: second + milliseconds * 1_000_000)).isDue
        }
        Self.insert(1, for: 7, into: cache, expiresAt: 31 * second, now: second)
        #expect(try !isDue(at: 26_999))
        // When exactly depends on the key, but not in the last half of the tenth.
        #expect(try isDue(at: 28_500))
        #expect(try !isDue(at: 28_501) && !isDue(at: 28_699))
        // It still stands: whoever was told has not succeeded.
        #expect(try isDue(at: 28_700) && !isDue(at: 28_701))
        #expect(cache.hit(for: 7, epoch: 1, now: 31 * second) == nil)
        Self.insert(2, for: 7, into: cache, expiresAt: 61 * second, now: 31 * second)
        #expect(try !isDue(at: 31_000) && isDue(at: 59_999))
    }

    @Test func `is filled anew while it still answers: what is read all the time is never missed`() async throws {
        var policy = CachePolicy()
        policy.nearLifetime = .seconds(6)
        let store = InMemoryProductRepository()
        let cache = CachedProductRepository(
            store, redis: nil, policy: policy, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let draft = try ProductDraft(name: "Laptop", description: "", price: Money(cents: 1))
        let product = Product(
            id: ProductID(high: 1, low: 1), draft: draft, createdAt: Timestamp(secondsSinceEpoch: 0))
        _ = try await cache.create(product, idempotencyKey: nil)
        _ = try await cache.product(withID: product.id)
        var misses = 0
        let end = ContinuousClock.now + .seconds(8)
        while ContinuousClock.now < end {
            let trace = CacheTrace()
            _ = try await CacheTrace.$current.withValue(trace) { try await cache.product(withID: product.id) }
            if trace.report?.near != .hit { misses += 1 }
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(misses == 0)
        // A product that is gone when it is filled anew is gone at once.
        try await store.delete(product.id, if: .exists)
        try await wait(for: "the end of what was kept") {
            do throws(ProductError) {
                _ = try await cache.product(withID: product.id)
                return false
            } catch {
                return true
            }
        }
    }

    @Test func `keeps nothing that has been invalidated meanwhile, and nothing at all without memory`() {
        let cache = Cache(maximumByteCount: 1 << 20)
        let isKept = cache.insert(
            1, for: 7, valueByteCount: 0, epoch: 1, expiresAt: 100, now: 0, ifStill: { false })
        #expect(!isKept && cache.value(for: 7, epoch: 1, now: 0) == nil)
        let none = Cache(maximumByteCount: 0)
        #expect(!Self.insert(1, for: 7, into: none) && none.value(for: 7, epoch: 1, now: 0) == nil)
    }

    @Test func `finds what it holds, like a dictionary, through inserts, replacements and removals in any order`() {
        var generator = SeededGenerator(seed: 3)
        let cache = Cache(maximumByteCount: 64 << 20)
        var model: [Int: Int] = [:]
        for step in 0..<200_000 {
            let key = Int.random(in: 0..<3000, using: &generator)
            if Int.random(in: 0..<3, using: &generator) == 0 {
                cache.remove(key)
                model[key] = nil
            } else {
                Self.insert(step, for: key, into: cache)
                model[key] = step
            }
        }
        #expect(cache.counts.entries == model.count)
        for key in 0..<3000 { #expect(cache.value(for: key, epoch: 1, now: 0) == model[key]) }
    }

    @Test func `I8: takes no more memory than it may, whatever comes`() {
        var generator = SeededGenerator(seed: 4)
        for limit in [10_000, 1 << 20, 4 << 20] {
            let cache = Cache(maximumByteCount: limit)
            for number in 0..<100_000 {
                let key = Int.random(in: 0..<50_000, using: &generator)
                if cache.value(for: key, epoch: 1, now: 0) == nil {
                    Self.insert(number, for: key, into: cache, bytes: Int.random(in: 0..<600, using: &generator))
                }
                if number % 1000 == 0 { #expect(cache.counts.bytes <= limit) }
            }
            #expect(cache.counts.bytes <= limit && cache.counts.bytes > limit / 2)
            #expect(cache.counts.evictions > 0)
        }
    }

    @Test func `takes nothing that would drive out a tenth of all the rest`() {
        let cache = Cache(maximumByteCount: 100_000)
        #expect(!Self.insert(1, for: 1, into: cache, bytes: 10_000))
        #expect(Self.insert(1, for: 1, into: cache, bytes: 9000))
    }

    @Test func `keeps what is read often through a scan of what is read once`() {
        let cache = Cache(maximumByteCount: 4 << 20)
        let hot = 0..<5000
        for _ in 0..<4 {
            for key in hot where cache.value(for: key, epoch: 1, now: 0) == nil {
                Self.insert(key, for: key, into: cache)
            }
        }
        for key in 100_000..<400_000 where cache.value(for: key, epoch: 1, now: 0) == nil {
            Self.insert(key, for: key, into: cache)
        }
        let kept = hot.count { cache.value(for: $0, epoch: 1, now: 0) != nil }
        #expect(kept >= hot.count * 8 / 10, "\(kept) of \(hot.count)")
    }

    @Test func `may be used by many at once`() async {
        let cache = Cache(maximumByteCount: 1 << 20)
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(task))
                    for _ in 0..<50_000 {
                        let key = Int.random(in: 0..<10_000, using: &generator)
                        switch Int.random(in: 0..<10, using: &generator) {
                        case 0: cache.remove(key)
                        case 1...3: Self.insert(key, for: key, into: cache)
                        default:
                            if let value = cache.value(for: key, epoch: 1, now: 0) { #expect(value == key) }
                        }
                    }
                }
            }
        }
        #expect(cache.counts.bytes <= 1 << 20)
    }
}
