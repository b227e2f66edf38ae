// SPDX-License-Identifier: Apache-2.0

import Postgres
package import Products

/// Keeps the products in a PostgreSQL database. Thread-safe: a value over a shared ``PostgresStore``.
///
/// Every operation is one statement, which the server carries out whole or not at all; only what is told apart behind a
/// refusal takes a second one.
package struct PostgresProductRepository: Sendable {
    private let store: PostgresStore
    /// Whether each write leaves a note for the caches.
    private let notesWrites: Bool

    /// - Parameter notesWrites: Whether each write leaves a note for the caches, in its own statement, also when it
    ///   changes nothing.
    package init(store: PostgresStore, notesWrites: Bool = false) {
        self.store = store
        self.notesWrites = notesWrites
    }

    /// A write that leaves a note, if writes are to.
    private func noting(_ id: ProductID?, _ write: PostgresQuery) -> PostgresQuery {
        guard notesWrites else { return write }
        var query: PostgresQuery = "with noted as (\(PostgresCacheOutbox.note(id))) \(write)"
        query.operation = write.operation
        return query
    }

    /// How often a key is looked at that another request is just replacing.
    private static let keyTries = 3

    private static func insertion(of product: Product) -> PostgresQuery {
        """
        insert into products (\(Product.columns))
        values (
            \(product.id), \(product.name), \(product.description), \(product.price), \(product.createdAt),
            \(product.updatedAt), \(product.version)
        )
        """
    }

    /// Tells why a write met no row.
    private func refusal(of id: ProductID) async throws(ProductError) -> ProductError {
        let query: PostgresQuery = "select 1 from products where id = \(id)"
        let exists = try await store.read(query) { rows in !rows.isEmpty }
        return exists ? .conditionFailed : .notFound(id)
    }
}

extension PostgresProductRepository: ProductRepository {
    package func create(
        _ product: Product, idempotencyKey: IdempotencyKey?
    ) async throws(ProductError) -> Product {
        guard let idempotencyKey else {
            try await store.write(noting(product.id, Self.insertion(of: product)), about: product.id) { _ in }
            return product
        }
        let creation = PostgresIdempotencyKeys.creation(
            of: product, with: idempotencyKey, notesWrites: notesWrites)
        let keys = PostgresIdempotencyKeys(store: store)
        for _ in 0..<Self.keyTries {
            let count = try await store.write(creation, about: product.id) { rows in rows.affectedRowCount }
            if count == 1 { return product }
            guard let earlier = try await keys.product(createdWith: idempotencyKey, at: product.createdAt) else {
                continue
            }
            guard earlier.hasSameFields(as: product) else { throw .idempotencyKeyReused }
            return earlier
        }
        throw .idempotencyKeyInUse
    }

    package func product(withID id: ProductID) async throws(ProductError) -> Product {
        let query: PostgresQuery = "select \(Product.columns) from products where id = \(id)"
        let found = try await store.read(query) { rows throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try Product(row) }
        }
        guard let found else { throw .notFound(id) }
        return found
    }

    package func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage {
        // No name holds it, and the server takes no text that does.
        if query.filter.namePrefix?.unicodeScalars.contains("\0") == true {
            return ProductPage(products: [], next: nil)
        }
        return try await store.read(ProductListQuery.statement(for: query)) { rows throws(PostgresError) in
            var products: [Product] = []
            for row in rows.prefix(query.limit) { products.append(try Product(row)) }
            guard rows.count > query.limit, let last = products.last else {
                return ProductPage(products: products, next: nil)
            }
            let sequence: Int64 = try rows[query.limit - 1].decode(at: 7)
            return ProductPage(
                products: products, next: PagePosition(behind: last, sequence: sequence, in: query.order))
        }
    }

    package func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        let statement: PostgresQuery = """
            update products
            set name = coalesce(\(changes.name), name), description = coalesce(\(changes.description), description),
                price = coalesce(\(changes.price), price), updated_at = greatest(\(now), updated_at),
                version = version + 1
            where id = \(id) and \(condition.sql)
            returning \(Product.columns)
            """
        let updated = try await store.write(noting(id, statement), about: id) { rows throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try Product(row) }
        }
        guard let updated else { throw try await refusal(of: id) }
        return updated
    }

    package func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        let statement: PostgresQuery = "delete from products where id = \(id) and \(condition.sql)"
        let count = try await store.write(noting(id, statement), about: id) { rows in rows.affectedRowCount }
        if count == 0 { throw try await refusal(of: id) }
    }
}

extension PostgresProductRepository: ProductImporting {
    package func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] {
        guard let first = products.first else { return [] }
        let statement: PostgresQuery = """
            insert into products (\(Product.columns))
            select \(Product.columns)
            from unnest(
                \(products.map(\.id)), \(products.map(\.name)), \(products.map(\.description)),
                \(products.map(\.price)), \(products.map(\.createdAt)), \(products.map(\.updatedAt)),
                \(products.map(\.version))
            ) with ordinality as given (\(Product.columns), position)
            order by position
            on conflict (id) do nothing
            returning id
            """
        return try await store.write(noting(nil, statement), about: first.id) { rows throws(PostgresError) in
            var inserted: Set<ProductID> = []
            for row in rows { inserted.insert(try row.decode(at: 0)) }
            return products.map(\.id).filter { inserted.remove($0) == nil }
        }
    }
}

extension PostgresProductRepository: CursorKeyStore {
    package func cursorKey() async throws(ProductError) -> [UInt8] {
        if let key = try await storedKey() { return key }
        let candidate = PostgresBytes((0..<32).map { _ in UInt8.random(in: .min ... .max) })
        try await store.write(
            "insert into secrets (name, value) values ('cursor_key', \(candidate)) on conflict (name) do nothing"
        ) { _ in }
        return try await storedKey() ?? candidate.bytes
    }

    private func storedKey() async throws(ProductError) -> [UInt8]? {
        try await store.read("select value from secrets where name = 'cursor_key'") { rows throws(PostgresError) in
            try rows.first.map { row throws(PostgresError) in try row.decode(PostgresBytes.self, at: 0).bytes }
        }
    }
}
