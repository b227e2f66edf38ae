// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Products
import ProductsTesting
import ServiceTesting
import Testing

@testable import ProductStorage

@Suite struct `The SQLite database` {
    @Test func `puts each commit on the disk, writes ahead and waits at most 250 ms`() async throws {
        let folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(at: folder("products.db"), for: .writing)
        let settings = try await database.pool.writeWithoutTransaction { database in
            try ["synchronous", "journal_mode", "busy_timeout"].map { name in
                try String.fetchOne(database, sql: "pragma \(name)")
            }
        }
        #expect(settings == ["2", "wal", "250"])
        #expect(try await database.checkIntegrity(within: .seconds(5)))
        try database.close(checkpoint: true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder("products.db-wal"))).isEmpty)
    }

    @Test func `refuses rows that break the rules, whoever writes them`() async throws {
        let folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(at: folder("products.db"), for: .writing)
        let rows = [
            "('x', 'a', '', 1, 0, 0, 1)", "('00000000-0000-7000-8000-000000000000', '', '', 1, 0, 0, 1)",
            "('00000000-0000-7000-8000-000000000000', 'a', '', 0, 0, 0, 1)",
            "('00000000-0000-7000-8000-000000000000', 'a', '', 'x', 0, 0, 1)",
            "('00000000-0000-7000-8000-000000000000', 'a', '', 1, 0, 0, 0)",
        ]
        let columns = "id, name, description, price_cents, created_at, updated_at, version"
        for row in rows {
            await #expect(throws: DatabaseError.self) {
                try await database.pool.write { database in
                    try database.execute(sql: "insert into products (\(columns)) values \(row)")
                }
            }
        }
        try database.close(checkpoint: true)
    }

    @Test func `a store that is not open says so`() async throws {
        let store = SQLiteStore(
            path: "/nonexistent/products.db", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let repository = SQLiteProductRepository(store: store)
        #expect(store.impairment() == .notOpen)
        await #expect(throws: ProductError.unavailable(.notOpen)) { try await repository.list(ProductQuery()) }
        await #expect(throws: ProductError.unavailable(.notOpen)) {
            try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
        }
        #expect(await store.open() == false)
        #expect(store.impairment() == .failed)
    }

    @Test func `expired keys go as new ones come`() async throws {
        let folder = try TemporaryFolder()
        let store = SQLiteStore(path: folder("products.db"), logger: Logger(label: "test"))
        #expect(await store.open())
        let repository = SQLiteProductRepository(store: store)
        func create(_ key: String, at time: Int64) async throws {
            let key = try IdempotencyKey(caller: .anonymous, value: key)
            _ = try await repository.create(ProductFixtures.product(createdAt: time), idempotencyKey: key)
        }
        for number in 0..<25 { try await create("old-\(number)", at: 1_700_000_000) }
        for number in 0..<3 { try await create("new-\(number)", at: 1_700_086_400) }
        let left = try await store.read { try Int.fetchOne($0, sql: "select count(*) from idempotency_keys") }
        #expect(left == 3)
        store.close()
    }
}
