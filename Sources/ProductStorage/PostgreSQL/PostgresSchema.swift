// SPDX-License-Identifier: Apache-2.0

import Postgres

/// The schema of the store on PostgreSQL, as numbered files of SQL that are applied once each, in order.
///
/// A migration that has been released is never edited: a change is a new one behind it. Replicas of the version before
/// go on working while a new one migrates, so that each migration must leave what they use as it is.
enum PostgresSchema {
    static let migrator = PostgresMigrator([
        migration(1, "products", PackageResources._001_products_sql),
        migration(2, "cache-outbox", PackageResources._002_cache_outbox_sql),
    ])

    private static func migration(_ number: Int, _ name: String, _ sql: [UInt8]) -> PostgresMigration {
        PostgresMigration(number: number, name: name, sql: String(decoding: sql, as: UTF8.self))
    }
}
