// SPDX-License-Identifier: Apache-2.0

import ProductStorage
import Products

/// A real repository whose first creation waits until it is released.
actor HeldRepository: ProductRepository, ProductImporting, CursorKeyStore {
    private let inner = InMemoryProductRepository()
    private var held: CheckedContinuation<Void, Never>?
    private var waiting: CheckedContinuation<Void, Never>?
    private var isReleased = false

    func waitUntilHeld() async {
        if held == nil { await withCheckedContinuation { waiting = $0 } }
    }

    func release() {
        isReleased = true
        held?.resume()
    }

    func create(_ product: Product, idempotencyKey: IdempotencyKey?) async throws(ProductError) -> Product {
        if !isReleased {
            await withCheckedContinuation { continuation in
                held = continuation
                waiting?.resume()
            }
        }
        return try await inner.create(product, idempotencyKey: idempotencyKey)
    }

    func product(withID id: ProductID) async throws(ProductError) -> Product { try await inner.product(withID: id) }

    func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage { try await inner.list(query) }

    func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        try await inner.update(id, with: changes, if: condition, at: now)
    }

    func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        try await inner.delete(id, if: condition)
    }

    func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] { try await inner.insert(products) }

    func cursorKey() async throws(ProductError) -> [UInt8] { try await inner.cursorKey() }
}
