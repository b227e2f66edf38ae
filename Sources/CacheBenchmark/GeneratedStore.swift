// SPDX-License-Identifier: Apache-2.0

import ProductStorage
import Products
import Synchronization

/// A store that has a product of every id, and counts how often it was asked.
final class GeneratedStore: CacheableStore, ProductRepository, ProductImporting, CursorKeyStore, CacheOutbox {
    let reads = Atomic(0)

    var repository: any CacheableStore.Repository { self }
    var notingRepository: any CacheableStore.Repository { self }
    var outbox: any CacheOutbox { self }

    func product(withID id: ProductID) async throws(ProductError) -> Product {
        reads.wrappingAdd(1, ordering: .relaxed)
        let text = String(repeating: "d", count: 100)
        return Product(
            id: id, name: "Product number \(id.low)", description: text, price: Money(cents: 129_999),
            createdAt: Timestamp(secondsSinceEpoch: 1_700_000_000),
            updatedAt: Timestamp(secondsSinceEpoch: 1_700_000_000), version: 1)
    }

    func create(_ product: Product, idempotencyKey: IdempotencyKey?) async throws(ProductError) -> Product { product }
    func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage { ProductPage(products: [], next: nil) }
    func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product { try await product(withID: id) }
    func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {}
    func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] { [] }
    func cursorKey() async throws(ProductError) -> [UInt8] { [] }
    func notes(limit: Int) async throws(ProductError) -> [CacheNote] { [] }
    func remove(_ notes: [CacheNote]) async throws(ProductError) {}
    func add(_ ids: [ProductID]) async throws(ProductError) {}
}
