// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The schema of the embedded store, as numbered migrations that are applied once each, in order.
///
/// A migration that has been released is never edited: a change is a new one behind it.
enum SQLiteSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("0001-products") { database in
            for statement in [products, bySequence, byName, byPrice, idempotencyKeys, idempotencyExpiry, secrets] {
                try database.execute(sql: statement)
            }
        }
        migrator.registerMigration("0002-cache-outbox") { database in try database.execute(sql: cacheOutbox) }
        return migrator
    }

    /// `sequence` numbers the products in the order of their creation, whatever the clock said.
    private static let products = """
        create table products (
            sequence integer primary key autoincrement,
            id text not null unique check (length(id) = 36),
            name text not null check (length(name) between 1 and 100),
            description text not null check (length(description) <= 500),
            price_cents integer not null check (price_cents between 1 and 999999999999),
            created_at integer not null,
            updated_at integer not null,
            version integer not null check (version >= 1)
        ) strict
        """

    // One index for each order of the list; each holds the columns that filters look at, so that only products that
    // are wanted are read from the table.
    private static let bySequence = "create index products_by_sequence on products (sequence, name, price_cents)"
    private static let byName = "create index products_by_name on products (name, sequence, price_cents)"
    private static let byPrice = "create index products_by_price on products (price_cents, sequence, name)"

    /// Holds the product as it was created, so that a replayed answer is the first answer whatever happened since.
    private static let idempotencyKeys = """
        create table idempotency_keys (
            caller text not null,
            key text not null,
            product_id text not null,
            name text not null,
            description text not null,
            price_cents integer not null,
            created_at integer not null,
            primary key (caller, key)
        ) strict, without rowid
        """
    private static let idempotencyExpiry = "create index idempotency_keys_by_age on idempotency_keys (created_at)"

    /// Notes of writes that caches must still be told of.
    private static let cacheOutbox = """
        create table cache_outbox (
            number integer primary key autoincrement,
            product_id text
        ) strict
        """

    private static let secrets = "create table secrets (name text primary key, value blob not null) strict"
}
