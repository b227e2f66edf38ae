// SPDX-License-Identifier: Apache-2.0

import GRDB
import Products

/// The idempotency keys of the last 24 hours, inside one transaction.
struct SQLiteIdempotencyKeys {
    private let database: Database

    /// How many expired keys go with each new one: more than one, so that the table shrinks while it is used.
    private static let forgottenAtOnce = 10

    init(_ database: Database) { self.database = database }

    /// The product that was created with `key`, as it was then; nil when the key is unknown or has expired at `now`.
    func product(createdWith key: IdempotencyKey, at now: Timestamp) throws -> Product? {
        let statement = try database.cachedStatement(
            sql: """
                select product_id, name, description, price_cents, created_at, created_at, 1
                from idempotency_keys where caller = ? and key = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [key.caller.subject, key.value]) else { return nil }
        let product = try ProductRow.product(from: row)
        return IdempotencyKey.isExpired(createdAt: product.createdAt, at: now) ? nil : product
    }

    /// Remembers `key`, in the place of an expired one of the same value, and forgets some that have expired.
    func remember(_ product: Product, createdWith key: IdempotencyKey) throws {
        let forgetting = try database.cachedStatement(
            sql: """
                delete from idempotency_keys where (caller, key) in (
                    select caller, key from idempotency_keys where created_at <= ? order by created_at limit ?
                )
                """)
        let oldest = product.createdAt.advanced(bySeconds: -IdempotencyKey.lifetimeInSeconds)
        try forgetting.execute(arguments: [oldest.secondsSinceEpoch, Self.forgottenAtOnce])

        let insertion = try database.cachedStatement(
            sql: """
                insert or replace into idempotency_keys
                    (caller, key, product_id, name, description, price_cents, created_at)
                values (?, ?, ?, ?, ?, ?, ?)
                """)
        try insertion.execute(arguments: [
            key.caller.subject, key.value, product.id.description, product.name, product.description,
            product.price.cents, product.createdAt.secondsSinceEpoch,
        ])
    }
}
