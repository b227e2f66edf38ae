// SPDX-License-Identifier: Apache-2.0

import GRDB
import Products

/// Keeps the notes for caches in the embedded database. Thread-safe: a value over a shared ``SQLiteStore``.
struct SQLiteCacheOutbox: CacheOutbox {
    let store: SQLiteStore

    /// Leaves a note, inside of a transaction.
    static func note(_ id: ProductID?, in database: Database) throws {
        let statement = try database.cachedStatement(sql: "insert into cache_outbox (product_id) values (?)")
        try statement.execute(arguments: [id?.description])
    }

    func notes(limit: Int) async throws(ProductError) -> [CacheNote] {
        try await store.read { database in
            let statement = try database.cachedStatement(
                sql: "select number, product_id from cache_outbox order by number limit ?")
            return try Row.fetchAll(statement, arguments: [limit]).map { row in
                let id: String? = row[1]
                return CacheNote(number: row[0], productID: id.flatMap { ProductID($0) })
            }
        }
    }

    func remove(_ notes: [CacheNote]) async throws(ProductError) {
        try await store.write { database in
            let statement = try database.cachedStatement(sql: "delete from cache_outbox where number = ?")
            for note in notes { try statement.execute(arguments: [note.number]) }
        }
    }

    func add(_ ids: [ProductID]) async throws(ProductError) {
        try await store.write { database in
            for id in ids { try Self.note(id, in: database) }
        }
    }
}
