// SPDX-License-Identifier: Apache-2.0

import Postgres
import Products

/// Keeps the notes for caches in a PostgreSQL database. Thread-safe: a value over a shared ``PostgresStore``.
struct PostgresCacheOutbox: CacheOutbox {
    let store: PostgresStore

    /// Leaves a note, as part of another statement.
    static func note(_ id: ProductID?) -> PostgresQuery {
        "insert into cache_outbox (product_id) values (\(id)::uuid)"
    }

    func notes(limit: Int) async throws(ProductError) -> [CacheNote] {
        try await store.read("select number, product_id from cache_outbox order by number limit \(limit)") {
            rows throws(PostgresError) in
            var notes: [CacheNote] = []
            for row in rows {
                notes.append(CacheNote(number: try row.decode(at: 0), productID: try row.decode(at: 1)))
            }
            return notes
        }
    }

    func remove(_ notes: [CacheNote]) async throws(ProductError) {
        try await store.write("delete from cache_outbox where number = any(\(notes.map(\.number)))") { _ in }
    }

    func add(_ ids: [ProductID]) async throws(ProductError) {
        try await store.write("insert into cache_outbox (product_id) select * from unnest(\(ids))") { _ in }
    }
}
