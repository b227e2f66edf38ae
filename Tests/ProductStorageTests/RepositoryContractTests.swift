// SPDX-License-Identifier: Apache-2.0

import Logging
import ProductStorage
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
}
