// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Products
import ProductsTesting
import ServiceTesting
import Synchronization
import Testing

@testable import ProductStorage
@testable import Redis

@Suite struct `Whether Redis may be believed` {
    private let trust = OutboxTrust(lifetime: .milliseconds(800))

    private static func time(_ milliseconds: UInt64) -> UInt64 { milliseconds * 1_000_000 }

    @Test func `only behind a look that found the outbox dealt with, and for a while`() {
        #expect(!trust.isTrusted(at: Self.time(1)))
        trust.allRelayed(trust.lookBegan(at: Self.time(1)))
        #expect(trust.isTrusted(at: Self.time(800)))
        #expect(!trust.isTrusted(at: Self.time(801)))
    }

    @Test func `not by a look from before the reason to doubt`() {
        let look = trust.lookBegan(at: Self.time(1))
        trust.doubt()
        trust.allRelayed(look)
        #expect(!trust.isTrusted(at: Self.time(2)))
        trust.allRelayed(trust.lookBegan(at: Self.time(2)))
        #expect(trust.isTrusted(at: Self.time(3)))
    }

    @Test func `not while a write is under way that Redis does not hear of, nor by a look from before its end`() {
        trust.unheardWriteBegan()
        trust.allRelayed(trust.lookBegan(at: Self.time(1)))
        #expect(!trust.isTrusted(at: Self.time(2)))
        let look = trust.lookBegan(at: Self.time(2))
        trust.unheardWriteEnded()
        trust.allRelayed(look)
        #expect(!trust.isTrusted(at: Self.time(3)))
        trust.allRelayed(trust.lookBegan(at: Self.time(3)))
        #expect(trust.isTrusted(at: Self.time(4)))
    }

    @Test func `no longer when its time was over before the store was found to be away`() {
        trust.allRelayed(trust.lookBegan(at: Self.time(1)))
        let late = trust.lookBegan(at: Self.time(30_000))
        trust.storeIsAway(late)
        #expect(!trust.isTrusted(at: Self.time(30_001)))
    }

    @Test func `not while there are notes, and as before while the store is away`() {
        trust.allRelayed(trust.lookBegan(at: Self.time(1)))
        trust.storeIsAway(trust.lookBegan(at: Self.time(700)))
        #expect(trust.isTrusted(at: Self.time(1400)))
        let look = trust.lookBegan(at: Self.time(1400))
        trust.notesFound()
        #expect(!trust.isTrusted(at: Self.time(1401)))
        trust.storeIsAway(look)
        #expect(!trust.isTrusted(at: Self.time(1401)), "what was not believed before is not now")
    }
}

@Suite struct `The gate of the near cache` {
    private static let session = RedisSession(runID: "aaaaaaaaaaaaaaaa", number: 1, connectionIndex: 0)

    @Test func `is open for as long as the bound behind a proof, and closed when the connection ends`() {
        let gate = NearGate(bound: .milliseconds(300), isAlwaysOpen: false)
        #expect(!gate.isOpen(at: 900_000_000))
        gate.began(Self.session)
        #expect(!gate.isOpen(at: 900_000_000), "not before the first proof")
        gate.proved(upTo: .uptimeNanoseconds(1_000_000_000))
        #expect(gate.isOpen(at: 1_299_999_999) && !gate.isOpen(at: 1_300_000_000))
        gate.proved(upTo: .uptimeNanoseconds(900_000_000))
        #expect(gate.isOpen(at: 1_299_999_999), "an earlier proof takes nothing away")
        gate.ended()
        #expect(!gate.isOpen(at: 1_000_000_001))
    }

    @Test func `begins another epoch with each beginning and each end`() {
        let gate = NearGate(bound: .milliseconds(300), isAlwaysOpen: false)
        var epochs: [UInt32] = [gate.epoch]
        for _ in 0..<2 {
            gate.began(Self.session)
            epochs.append(gate.epoch)
            gate.ended()
            epochs.append(gate.epoch)
        }
        #expect(Set(epochs).count == 5)
    }

    @Test func `lets in only what comes from the run of the server that it hears`() {
        let gate = NearGate(bound: .milliseconds(300), isAlwaysOpen: false)
        #expect(!gate.hears(Self.session))
        gate.began(Self.session)
        #expect(gate.hears(Self.session))
        #expect(!gate.hears(RedisSession(runID: "bbbbbbbbbbbbbbbb", number: 1, connectionIndex: 0)))
        gate.ended()
        #expect(!gate.hears(Self.session))
    }
}

@Suite struct `The form of what stands in Redis` {
    private static let id = ProductID(high: 1, low: 2)

    @Test func `brings products back as they were`() throws {
        for name in ["A", "Ünïcödé 🛒", String(repeating: "n", count: 100)] {
            for description in ["", String(repeating: "d", count: 500), "\u{0}\r\n"] {
                let product = Product(
                    id: Self.id, name: name, description: description, price: .maximum,
                    createdAt: Timestamp(secondsSinceEpoch: -1), updatedAt: Timestamp(secondsSinceEpoch: 1 << 40),
                    version: .max)
                #expect(CacheValue(CacheValue.encode(product), of: Self.id) == .product(product))
            }
        }
        #expect(CacheValue(CacheValue.negative, of: Self.id) == .absent)
        #expect(CacheValue(Array("I123".utf8), of: Self.id) == .lease)
        #expect(CacheValue(Array("Q1".utf8), of: Self.id) == .quarantine)
        #expect(CacheMessage.decode(CacheMessage.encode(Self.id).bytes) == Self.id)
    }

    @Test func `orders versions as bytes`() {
        let versions: [Int64] = [0, 1, 9, 10, 255, 256, 1 << 40, .max]
        let texts = versions.map { CacheValue.version($0) }
        for (smaller, larger) in zip(texts, texts.dropFirst()) { #expect(smaller.lexicographicallyPrecedes(larger)) }
        #expect(texts.allSatisfy { $0.lexicographicallyPrecedes(CacheValue.lastVersion) })
    }

    @Test func `takes any bytes, and nothing for what it is not`() {
        var generator = SeededGenerator(seed: 9)
        let product = Product(
            id: Self.id, name: "Laptop", description: "d", price: Money(cents: 5),
            createdAt: Timestamp(secondsSinceEpoch: 1), updatedAt: Timestamp(secondsSinceEpoch: 2), version: 3)
        let value = CacheValue.encode(product)
        let page = CachedPage(ProductPage(products: [product, product], next: nil)).encoded
        for count in 0..<value.count where count < 43 {
            #expect(CacheValue(Array(value.prefix(count)), of: Self.id) == nil)
        }
        for count in 0..<page.count { #expect(CachedPage(Array(page.prefix(count))) == nil || (count - 10) % 24 == 0) }
        for _ in 0..<20_000 {
            var bytes = Bool.random(using: &generator) ? value : page
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: .min ... .max, using: &generator)
            }
            _ = CacheValue(bytes, of: Self.id)
            _ = CachedPage(bytes)
        }
    }

    @Test func `has a page be a hit only with every product in its version`() throws {
        let products = (1...3).map { number in
            Product(
                id: ProductID(high: 1, low: UInt64(number)), name: "A", description: "", price: Money(cents: 5),
                createdAt: Timestamp(secondsSinceEpoch: 1), updatedAt: Timestamp(secondsSinceEpoch: 2),
                version: Int64(number))
        }
        let page = ProductPage(products: products, next: PagePosition(key: .createdAt, sequence: 17))
        let cached = try #require(CachedPage(CachedPage(page).encoded))
        #expect(cached.page(of: products, in: .newestFirst) == page)
        #expect(cached.page(of: [products[0], nil, products[2]], in: .newestFirst) == nil)
        var newer = products
        newer[1].version = 9
        #expect(cached.page(of: newer, in: .newestFirst) == nil)
    }
}

@Suite struct `Loads that are shared` {
    private static let id = ProductID(high: 1, low: 2)
    private static let outcome = LoadCoalescer.Outcome(result: .failure(.notFound(id)), report: CacheReport())

    @Test func `are joined while they are young and from after the last invalidation`() async throws {
        let loads = LoadCoalescer(maximumAge: .milliseconds(300))
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        async let leader = loads.outcome(for: Self.id, generation: 1, now: 0) {
            for await _ in gate {}
            return Self.outcome
        }
        try await wait(for: "the load") { loads.waiterCount(of: Self.id) == 0 }
        async let joined = loads.outcome(for: Self.id, generation: 1, now: 299_999_999) { Self.outcome }
        try await wait(for: "the one who waits") { loads.waiterCount(of: Self.id) == 1 }
        let old = await loads.outcome(for: Self.id, generation: 1, now: 300_000_000) { Self.outcome }
        #expect(!old.isJoined)
        open.finish()
        let (first, second) = (await leader, await joined)
        #expect(!first.isJoined && second.isJoined)

        async let before = loads.outcome(for: Self.id, generation: 1, now: 0) {
            let after = await loads.outcome(for: Self.id, generation: 2, now: 1) { Self.outcome }
            #expect(!after.isJoined, "from before an invalidation")
            return Self.outcome
        }
        #expect(await !before.isJoined)
    }

    @Test func `are begun anew by those who wait when whoever ran one has given up`() async throws {
        let loads = LoadCoalescer(maximumAge: .milliseconds(300))
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let cancelled = LoadCoalescer.Outcome(result: .failure(.unavailable(.cancelled)), report: CacheReport())
        async let leader = loads.outcome(for: Self.id, generation: 1, now: 0) {
            for await _ in gate {}
            return cancelled
        }
        try await wait(for: "the load") { loads.waiterCount(of: Self.id) == 0 }
        let runs = RunCount()
        let outcomes = await withTaskGroup(of: LoadCoalescer.Outcome.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await loads.outcome(for: Self.id, generation: 1, now: 1) {
                        runs.value.wrappingAdd(1, ordering: .relaxed)
                        while loads.waiterCount(of: Self.id) != 19 { await Task.yield() }
                        return Self.outcome
                    }.outcome
                }
            }
            group.addTask {
                while loads.waiterCount(of: Self.id) != 20 { await Task.yield() }
                open.finish()
                return Self.outcome
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        _ = await leader
        #expect(outcomes.allSatisfy { $0.result == .failure(.notFound(Self.id)) })
        #expect(runs.value.load(ordering: .relaxed) == 1, "not each for itself")
    }
}

private final class RunCount: Sendable {
    let value = Atomic(0)
}
