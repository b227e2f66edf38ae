// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres
import PostgresTesting
import Products
import ProductsTesting
import Testing

@testable import ProductStorage

@Suite struct `The store on PostgreSQL` {
    private func withStore(_ body: (PostgresServer, PostgresProductRepository) async throws -> Void) async throws {
        let server = try await PostgresServer.start()
        let store = try PostgresStore(PostgresConfiguration(url: server.url()), logger: Logger(label: "test"))
        try #require(await store.open())
        try await body(server, PostgresProductRepository(store: store))
        await store.close()
    }

    @Test func `D10: what the database's rules refuse is the domain's error, by field`() async throws {
        try await withStore { server, repository in
            let refused = [
                (ProductFixtures.product(name: ""), "/name"),
                (ProductFixtures.product(name: String(repeating: "n", count: 101)), "/name"),
                (ProductFixtures.product(description: String(repeating: "d", count: 501)), "/description"),
                (ProductFixtures.product(cents: 0), "/price"), (ProductFixtures.product(cents: -1), "/price"),
            ]
            for (product, pointer) in refused {
                for key in [nil, try IdempotencyKey(caller: Caller(subject: "a"), value: "k")] {
                    let error = await #expect(throws: ProductError.self) {
                        try await repository.create(product, idempotencyKey: key)
                    }
                    guard case .invalid(let problems) = error else {
                        Issue.record("\(String(describing: error))")
                        continue
                    }
                    #expect(problems.map(\.pointer) == [pointer])
                    #expect(!problems[0].detail.contains("products"))
                }
            }
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            let taken = await #expect(throws: ProductError.self) {
                try await repository.create(product, idempotencyKey: nil)
            }
            #expect(taken == .alreadyExists(product.id))
            #expect(try await server.execute("select count(*) from products, idempotency_keys") == "0\n")
        }
    }

    @Test func `C7: prices are exact in the database, to the last cent of the largest`() async throws {
        try await withStore { server, repository in
            var generator = SeededGenerator(seed: 3)
            var all: [Int64] = [1, 99, 100, 101, 999_999_999_999, 1_000_000, 10_000_000_000]
            for _ in 0..<500 { all.append(Int64.random(in: 1...999_999_999_999, using: &generator)) }
            let products = all.map { ProductFixtures.product(cents: $0) }
            #expect(try await repository.insert(products) == [])
            for product in products {
                #expect(try await repository.product(withID: product.id).price == product.price)
            }
            let written = try await server.execute("select price from products order by sequence").split(
                separator: "\n")
            #expect(written.map(String.init) == products.map(\.price.description))
        }
    }

    @Test func `expired keys are forgotten as new ones come, and the table does not grow for ever`() async throws {
        try await withStore { server, repository in
            for number in 0..<30 {
                let key = try IdempotencyKey(caller: Caller(subject: "a"), value: "old-\(number)")
                _ = try await repository.create(ProductFixtures.product(createdAt: 1000), idempotencyKey: key)
            }
            for number in 0..<4 {
                let key = try IdempotencyKey(caller: Caller(subject: "a"), value: "new-\(number)")
                _ = try await repository.create(ProductFixtures.product(), idempotencyKey: key)
            }
            #expect(try await server.execute("select count(*) from idempotency_keys") == "4\n")
        }
    }
}
