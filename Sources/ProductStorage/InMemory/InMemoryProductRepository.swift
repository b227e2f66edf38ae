// SPDX-License-Identifier: Apache-2.0

package import Products
import Synchronization

/// Keeps the products in memory: for trying out and for tests. They end with the process.
///
/// Reading one takes constant time; a page by time of creation the time of what it passes, another order a sort of all
/// that match. Thread-safe.
package final class InMemoryProductRepository: Sendable {
    let state = Mutex(State())
    let notes = InMemoryCacheOutbox()
    private let key = (0..<32).map { _ in UInt8.random(in: .min ... .max) }

    package init() {}

    struct Entry {
        var product: Product
        let sequence: Int64
    }

    struct State {
        /// In the order of creation.
        var entries: [Entry] = []
        var sequences: [ProductID: Int64] = [:]
        var lastSequence: Int64 = 0
        var remembered: [IdempotencyKey: Product] = [:]
        /// The remembered keys in the order of their creation.
        var rememberedOrder: [IdempotencyKey] = []

        /// The position of the first entry whose sequence is at least `sequence`.
        func index(from sequence: Int64) -> Int {
            var (low, high) = (0, entries.count)
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
            }
            return low
        }

        func index(of id: ProductID) throws(ProductError) -> Int {
            guard let sequence = sequences[id] else { throw .notFound(id) }
            return index(from: sequence)
        }

        mutating func append(_ product: Product) -> Bool {
            guard sequences[product.id] == nil else { return false }
            lastSequence += 1
            sequences[product.id] = lastSequence
            entries.append(Entry(product: product, sequence: lastSequence))
            return true
        }

        mutating func forgetKeys(expiredAt now: Timestamp) {
            let expired = rememberedOrder.prefix { key in
                remembered[key].map { IdempotencyKey.isExpired(createdAt: $0.createdAt, at: now) } ?? true
            }
            for key in expired { remembered[key] = nil }
            rememberedOrder.removeFirst(expired.count)
        }
    }
}

extension InMemoryProductRepository: ProductRepository {
    package func create(
        _ product: Product, idempotencyKey: IdempotencyKey?
    ) async throws(ProductError) -> Product {
        try state.withLock { state throws(ProductError) in
            if let idempotencyKey {
                state.forgetKeys(expiredAt: product.createdAt)
                if let earlier = state.remembered[idempotencyKey] {
                    guard earlier.hasSameFields(as: product) else { throw .idempotencyKeyReused }
                    return earlier
                }
            }
            guard state.append(product) else { throw .alreadyExists(product.id) }
            if let idempotencyKey {
                state.remembered[idempotencyKey] = product
                state.rememberedOrder.append(idempotencyKey)
            }
            return product
        }
    }

    package func product(withID id: ProductID) async throws(ProductError) -> Product {
        try state.withLock { state throws(ProductError) in
            let index = try state.index(of: id)
            return state.entries[index].product
        }
    }

    package func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        try state.withLock { state throws(ProductError) in
            let index = try state.index(of: id)
            let current = state.entries[index].product
            guard condition.allows(current) else { throw .conditionFailed }
            let next = current.applying(changes, at: now)
            state.entries[index].product = next
            return next
        }
    }

    package func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        try state.withLock { state throws(ProductError) in
            let index = try state.index(of: id)
            guard condition.allows(state.entries[index].product) else { throw .conditionFailed }
            state.entries.remove(at: index)
            state.sequences[id] = nil
        }
    }
}

extension InMemoryProductRepository: ProductImporting, CursorKeyStore {
    package func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] {
        state.withLock { state in products.filter { !state.append($0) }.map(\.id) }
    }

    package func cursorKey() async throws(ProductError) -> [UInt8] { key }
}
