// SPDX-License-Identifier: Apache-2.0

package import Products
import Synchronization

extension InMemoryProductRepository: CacheableStore {
    package var repository: any CacheableStore.Repository { self }
    package var notingRepository: any CacheableStore.Repository { InMemoryNotingRepository(store: self) }
    package var outbox: any CacheOutbox { notes }
}

/// The notes for caches, in memory. Thread-safe.
package final class InMemoryCacheOutbox: CacheOutbox {
    private let state = Mutex<(notes: [CacheNote], lastNumber: Int64)>(([], 0))

    init() {}

    package func notes(limit: Int) async throws(ProductError) -> [CacheNote] {
        state.withLock { Array($0.notes.prefix(limit)) }
    }

    package func remove(_ notes: [CacheNote]) async throws(ProductError) {
        let removed = Set(notes)
        state.withLock { $0.notes.removeAll(where: removed.contains) }
    }

    package func add(_ ids: [ProductID]) async throws(ProductError) { for id in ids { note(id) } }

    func note(_ id: ProductID?) {
        state.withLock { state in
            state.lastNumber += 1
            state.notes.append(CacheNote(number: state.lastNumber, productID: id))
        }
    }
}

/// Leaves a note with each write: what is in memory, products and notes alike, ends with the process.
private struct InMemoryNotingRepository: CacheableStore.Repository {
    let store: InMemoryProductRepository

    func create(_ product: Product, idempotencyKey: IdempotencyKey?) async throws(ProductError) -> Product {
        defer { store.notes.note(product.id) }
        return try await store.create(product, idempotencyKey: idempotencyKey)
    }

    func product(withID id: ProductID) async throws(ProductError) -> Product { try await store.product(withID: id) }

    func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage { try await store.list(query) }

    func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        defer { store.notes.note(id) }
        return try await store.update(id, with: changes, if: condition, at: now)
    }

    func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        defer { store.notes.note(id) }
        try await store.delete(id, if: condition)
    }

    func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] {
        defer { store.notes.note(nil) }
        return try await store.insert(products)
    }

    func cursorKey() async throws(ProductError) -> [UInt8] { try await store.cursorKey() }
}
