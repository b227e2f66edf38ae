// SPDX-License-Identifier: Apache-2.0

/// The use cases: what can be done with the catalogue, whatever the transport and the store.
package struct ProductCatalogue: Sendable {
    private let repository: any ProductRepository
    private let clock: any WallClock
    private let ids: ProductIDGenerator
    private let keysInUse = IdempotencyKeysInUse()

    package init(repository: any ProductRepository, clock: any WallClock = SystemWallClock()) {
        self.repository = repository
        self.clock = clock
        self.ids = ProductIDGenerator(clock: clock)
    }

    /// Creates a product, or returns the one that the same key created before, as it was then.
    ///
    /// Throws ``ProductError/idempotencyKeyInUse`` while another request with the key is being worked on.
    package func create(
        _ draft: ProductDraft, idempotencyKey: IdempotencyKey? = nil
    ) async throws(ProductError) -> Product {
        let product = Product(id: ids.next(), draft: draft, createdAt: clock.now)
        guard let idempotencyKey else { return try await repository.create(product, idempotencyKey: nil) }
        guard keysInUse.begin(idempotencyKey) else { throw .idempotencyKeyInUse }
        defer { keysInUse.end(idempotencyKey) }
        return try await repository.create(product, idempotencyKey: idempotencyKey)
    }

    package func product(withID id: ProductID) async throws(ProductError) -> Product {
        try await repository.product(withID: id)
    }

    package func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage {
        try await repository.list(query)
    }

    package func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition = .exists
    ) async throws(ProductError) -> Product {
        try await repository.update(id, with: changes, if: condition, at: clock.now)
    }

    package func delete(_ id: ProductID, if condition: WriteCondition = .exists) async throws(ProductError) {
        try await repository.delete(id, if: condition)
    }
}
