// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
package import Products

/// Keeps the products in an embedded SQLite database. Thread-safe: a value over a shared ``SQLiteStore``.
package struct SQLiteProductRepository: Sendable {
    private let store: SQLiteStore
    /// Whether each write leaves a note for the caches.
    private let notesWrites: Bool

    /// - Parameter notesWrites: Whether each write leaves a note for the caches, in its own transaction.
    package init(store: SQLiteStore, notesWrites: Bool = false) {
        self.store = store
        self.notesWrites = notesWrites
    }

    private func note(_ id: ProductID?, in database: Database) throws {
        if notesWrites { try SQLiteCacheOutbox.note(id, in: database) }
    }

    private static let insertion = """
        insert into products (id, name, description, price_cents, created_at, updated_at, version)
        values (?, ?, ?, ?, ?, ?, ?)
        on conflict (id) do nothing
        """

    /// Returns false, and adds nothing, when the id is taken.
    private static func insert(_ product: Product, into database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: insertion)
        try statement.execute(arguments: [
            product.id.description, product.name, product.description, product.price.cents,
            product.createdAt.secondsSinceEpoch, product.updatedAt.secondsSinceEpoch, product.version,
        ])
        return database.changesCount == 1
    }

    private static func product(withID id: ProductID, in database: Database) throws -> Product {
        let statement = try database.cachedStatement(
            sql: """
                select id, name, description, price_cents, created_at, updated_at, version
                from products where id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else {
            throw ProductError.notFound(id)
        }
        return try ProductRow.product(from: row)
    }
}

extension SQLiteProductRepository: ProductRepository {
    package func create(
        _ product: Product, idempotencyKey: IdempotencyKey?
    ) async throws(ProductError) -> Product {
        try await store.write { database in
            if let idempotencyKey {
                let remembered = SQLiteIdempotencyKeys(database)
                if let earlier = try remembered.product(createdWith: idempotencyKey, at: product.createdAt) {
                    guard earlier.hasSameFields(as: product) else { throw ProductError.idempotencyKeyReused }
                    return earlier
                }
                try remembered.remember(product, createdWith: idempotencyKey)
            }
            guard try Self.insert(product, into: database) else { throw ProductError.alreadyExists(product.id) }
            try note(product.id, in: database)
            return product
        }
    }

    package func product(withID id: ProductID) async throws(ProductError) -> Product {
        try await store.read { database in try Self.product(withID: id, in: database) }
    }

    package func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage {
        try await store.read { database in
            let list = ProductListStatement(query)
            let statement = try database.cachedStatement(sql: list.sql)
            var products: [Product] = []
            var last: PagePosition?
            let rows = try Row.fetchCursor(statement, arguments: list.arguments)
            while let row = try rows.next() {
                if products.count == query.limit { return ProductPage(products: products, next: last) }
                let product = try ProductRow.product(from: row)
                products.append(product)
                if products.count == query.limit {
                    last = PagePosition(behind: product, sequence: try ProductRow.value(row, 7), in: query.order)
                }
            }
            return ProductPage(products: products, next: nil)
        }
    }

    package func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        try await store.write { database in
            let current = try Self.product(withID: id, in: database)
            guard condition.allows(current) else { throw ProductError.conditionFailed }
            let next = current.applying(changes, at: now)
            let statement = try database.cachedStatement(
                sql: """
                    update products set name = ?, description = ?, price_cents = ?, updated_at = ?, version = ?
                    where id = ?
                    """)
            try statement.execute(arguments: [
                next.name, next.description, next.price.cents, next.updatedAt.secondsSinceEpoch, next.version,
                id.description,
            ])
            try note(id, in: database)
            return next
        }
    }

    package func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        try await store.write { database in
            let current = try Self.product(withID: id, in: database)
            guard condition.allows(current) else { throw ProductError.conditionFailed }
            let statement = try database.cachedStatement(sql: "delete from products where id = ?")
            try statement.execute(arguments: [id.description])
            try note(id, in: database)
        }
    }
}

extension SQLiteProductRepository: ProductImporting {
    package func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] {
        try await store.write { database in
            var taken: [ProductID] = []
            for product in products where try !Self.insert(product, into: database) { taken.append(product.id) }
            if taken.count < products.count { try note(nil, in: database) }
            return taken
        }
    }
}

extension SQLiteProductRepository: CursorKeyStore {
    package func cursorKey() async throws(ProductError) -> [UInt8] {
        if let key = try await store.read(Self.cursorKey) { return key }
        return try await store.write { database in
            let candidate = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
            try database.execute(
                sql: "insert into secrets (name, value) values ('cursor_key', ?) on conflict (name) do nothing",
                arguments: [candidate])
            return try Self.cursorKey(in: database) ?? Array(candidate)
        }
    }

    private static func cursorKey(in database: Database) throws -> [UInt8]? {
        let statement = try database.cachedStatement(sql: "select value from secrets where name = 'cursor_key'")
        return try Data.fetchOne(statement).map(Array.init)
    }
}
