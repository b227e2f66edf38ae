// SPDX-License-Identifier: Apache-2.0

import Logging
import Postgres
import PostgresTesting
import ProductStorage
import Products
import ProductsTesting
import ServiceTesting
import Testing

@Suite struct `The repository contract` {
    @Test(arguments: RepositoryContract.clauses)
    func `holds in memory`(clause: RepositoryContract) async throws {
        try await clause.check(InMemoryProductRepository())
    }

    @Test(arguments: RepositoryContract.clauses)
    func `holds on SQLite`(clause: RepositoryContract) async throws {
        let folder = try TemporaryFolder()
        let store = SQLiteStore(path: folder("products.db"), logger: Logger(label: "test"))
        try #require(await store.open())
        try await clause.check(SQLiteProductRepository(store: store))
        store.close()
    }

    @Test func `holds on PostgreSQL`() async throws {
        let server = try await PostgresServer.start()
        for (number, clause) in RepositoryContract.clauses.enumerated() {
            try await server.execute("create database clause\(number)")
            let store = try PostgresStore(
                PostgresConfiguration(url: server.url(database: "clause\(number)")), logger: Logger(label: "test"))
            try #require(await store.open())
            do {
                try await clause.check(PostgresProductRepository(store: store))
            } catch {
                Issue.record("\(clause): \(error)")
            }
            await store.close()
        }
    }
}
