// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres
import PostgresTesting
import Products
import ProductsTesting
import RedisTesting
import ServiceTesting
import Synchronization
import Testing

@testable import ProductStorage

/// Reads everything twice, and answers what came the second time: from the cache, if it is kept there.
private struct WarmingRepository: RepositoryContract.Repository {
    let cache: CachedProductRepository

    func create(_ product: Product, idempotencyKey: IdempotencyKey?) async throws(ProductError) -> Product {
        let created = try await cache.create(product, idempotencyKey: idempotencyKey)
        _ = try? await cache.product(withID: created.id)
        return created
    }

    func product(withID id: ProductID) async throws(ProductError) -> Product {
        _ = try? await cache.product(withID: id)
        return try await cache.product(withID: id)
    }

    func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage {
        for _ in 0..<3 { _ = try await cache.list(query) }
        return try await cache.list(query)
    }

    func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        _ = try? await cache.product(withID: id)
        return try await cache.update(id, with: changes, if: condition, at: now)
    }

    func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        _ = try? await cache.product(withID: id)
        try await cache.delete(id, if: condition)
    }

    func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] {
        for product in products { _ = try? await cache.product(withID: product.id) }
        return try await cache.insert(products)
    }

    func cursorKey() async throws(ProductError) -> [UInt8] { try await cache.cursorKey() }
}

/// The stores, one empty one for each clause.
private enum Backing: String, CaseIterable, CustomTestStringConvertible {
    case memory, sqlite, postgres

    var testDescription: String { rawValue }
}

/// What Redis does meanwhile.
private enum Weather: String, CaseIterable, CustomTestStringConvertible {
    /// There is none.
    case withoutRedis
    case cold
    case warm
    /// Nobody listens at its port.
    case dead
    /// It refuses everything it is asked to keep.
    case outOfMemory
    /// It loses its connections all the time.
    case flapping

    var testDescription: String { rawValue }
}

@Suite(.serialized) struct `The repository contract, behind the cache` {
    /// On PostgreSQL, where each clause has a database of its own to make, those in which the caches do most.
    private static let cases = Backing.allCases.flatMap { backing in
        Weather.allCases.filter { backing != .postgres || [.cold, .warm, .flapping].contains($0) }.map { (backing, $0) }
    }

    @Test(arguments: cases)
    private func `holds`(backing: Backing, weather: Weather) async throws {
        let redis = try await RedisServer.start()
        let postgres = backing == .postgres ? try await PostgresServer.start() : nil
        let url: String? =
            switch weather {
            case .withoutRedis: nil
            case .dead: "redis://127.0.0.1:\(try FreePort.next())"
            default: redis.url()
            }
        if weather == .outOfMemory { try await redis.execute("CONFIG", "SET", "maxmemory", "1") }
        let flapping = weather == .flapping ? Task { try await flap(redis) } : nil
        for (number, clause) in RepositoryContract.clauses.enumerated() {
            let store = try await Self.store(backing, postgres, number)
            if weather != .flapping { try await redis.execute("FLUSHALL") }
            if weather == .flapping { try await redis.execute("CONFIG", "SET", "maxmemory", "0") }
            let cache = try RunningCache(over: store.store, redisURL: url)
            if weather == .cold || weather == .warm { try await cache.waitUntilReady() }
            do {
                let repository: any RepositoryContract.Repository =
                    weather == .cold ? cache.repository : WarmingRepository(cache: cache.repository)
                try await clause.check(repository)
            } catch {
                Issue.record("\(clause): \(error)")
            }
            if weather == .warm || weather == .withoutRedis { try await Self.expectClean(cache, redis) }
            await cache.stop()
            await store.close()
            // Lists of one store must not be found by the next.
            if weather == .flapping { try await redis.execute("FLUSHALL") }
        }
        flapping?.cancel()
    }

    /// At rest, nothing is closed, and nothing waits to be told.
    private static func expectClean(_ cache: RunningCache, _ redis: RedisServer) async throws {
        let notes = try await cache.repository.store.outbox.notes(limit: 10)
        if cache.redis != nil {
            try await wait(for: "an empty outbox") {
                try await cache.repository.store.outbox.notes(limit: 10).isEmpty
            }
        } else {
            #expect(notes.isEmpty)
        }
        let values = try await redis.execute(
            "EVAL",
            "local q = 0 for _, k in ipairs(redis.call('KEYS', '*')) do if string.sub(redis.call('GETRANGE', k, 0, 0), 1, 1) == 'Q' then q = q + 1 end end return q",
            "0")
        #expect(values == "0", "closed keys at rest")
    }

    private func flap(_ redis: RedisServer) async throws {
        while !Task.isCancelled {
            try await redis.execute("CLIENT", "KILL", "TYPE", "normal")
            try await redis.execute("CLIENT", "KILL", "TYPE", "pubsub")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func store(
        _ backing: Backing, _ server: PostgresServer?, _ number: Int
    ) async throws -> (store: any CacheableStore, close: @Sendable () async -> Void) {
        switch backing {
        case .memory:
            return (InMemoryProductRepository(), {})
        case .sqlite:
            let folder = try TemporaryFolder()
            let store = SQLiteStore(path: folder("products.db"), logger: Logger(label: "test"))
            try #require(await store.open())
            return (
                store,
                {
                    store.close()
                    withExtendedLifetime(folder) {}
                }
            )
        case .postgres:
            let server = try #require(server)
            try await server.execute("create database clause\(number)")
            let store = try PostgresStore(
                PostgresConfiguration(url: server.url(database: "clause\(number)")), logger: Logger(label: "test"))
            try #require(await store.open())
            return (store, { await store.close() })
        }
    }
}
