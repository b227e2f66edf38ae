// SPDX-License-Identifier: Apache-2.0

import Postgres
import Products

/// The idempotency keys of the last 24 hours.
struct PostgresIdempotencyKeys {
    let store: PostgresStore

    /// How many expired keys go with each new one: more than one, so that the table shrinks while it is used.
    private static let forgottenAtOnce = 10

    /// The product that was created with `key`, as it was then; nil when the key is unknown or has expired at `now`.
    func product(createdWith key: IdempotencyKey, at now: Timestamp) async throws(ProductError) -> Product? {
        let query: PostgresQuery = """
            select product_id, name, description, price, created_at, created_at, 1::bigint
            from idempotency_keys
            where caller = \(key.caller.subject) and key = \(key.value) and created_at > \(Self.newestExpired(at: now))
            """
        return try await store.read(query) { rows throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try Product(row) }
        }
    }

    /// Adds a product and remembers `key` with it, in the place of an expired one of the same value, and forgets some
    /// keys that have expired: all in one statement, and so in one transaction and one round trip. Adds no row when the
    /// key is in use; waits for a transaction that is about to use it.
    ///
    /// - Parameter notesWrites: Whether to leave a note for the caches.
    static func creation(
        of product: Product, with key: IdempotencyKey, notesWrites: Bool
    ) -> PostgresQuery {
        let newestExpired = newestExpired(at: product.createdAt)
        let noted: PostgresQuery = notesWrites ? ", noted as (\(PostgresCacheOutbox.note(product.id)))" : ""
        var query: PostgresQuery = """
            with forgotten as (
                delete from idempotency_keys where (caller, key) in (
                    select caller, key from idempotency_keys
                    where created_at <= \(newestExpired)
                        and (caller, key) <> (\(key.caller.subject), \(key.value))
                    order by created_at limit \(unescaped: "\(forgottenAtOnce)") for update skip locked
                )
            ), remembered as (
                insert into idempotency_keys as present
                    (caller, key, product_id, name, description, price, created_at)
                values (
                    \(key.caller.subject), \(key.value), \(product.id), \(product.name), \(product.description),
                    \(product.price), \(product.createdAt)
                )
                on conflict (caller, key) do update
                set product_id = excluded.product_id, name = excluded.name, description = excluded.description,
                    price = excluded.price, created_at = excluded.created_at
                where present.created_at <= \(newestExpired)
                returning 1
            )\(noted)
            insert into products (\(Product.columns))
            select \(product.id), \(product.name), \(product.description), \(product.price), \(product.createdAt),
                \(product.updatedAt), \(product.version)
            from remembered
            """
        query.operation = .insert
        return query
    }

    private static func newestExpired(at now: Timestamp) -> Timestamp {
        now.advanced(bySeconds: -IdempotencyKey.lifetimeInSeconds)
    }
}
