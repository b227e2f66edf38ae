// SPDX-License-Identifier: Apache-2.0

package import Products
import Synchronization

extension InMemoryProductRepository {
    package func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage {
        let found = state.withLock { state in Self.found(for: query, in: state) }
        let page = found.prefix(query.limit)
        let next = found.count > query.limit ? page.last : nil
        return ProductPage(
            products: page.map(\.product),
            next: next.map { PagePosition(behind: $0.product, sequence: $0.sequence, in: query.order) })
    }

    /// The page's entries, and one more when there is another page.
    private static func found(for query: ProductQuery, in state: State) -> [Entry] {
        if query.order.key == .createdAt { return foundByCreation(for: query, in: state) }
        let matching = state.entries.filter { query.filter.allows($0.product) }
        let sorted = matching.sorted { left, right in
            precedes(position(of: left, in: query.order), position(of: right, in: query.order), in: query.order)
        }
        switch query.start {
        case .offset(let offset):
            return Array(sorted.dropFirst(offset).prefix(query.limit + 1))
        case .after(let start):
            let behind = sorted.lazy.filter { precedes(start, position(of: $0, in: query.order), in: query.order) }
            return Array(behind.prefix(query.limit + 1))
        }
    }

    /// The same for the order that the entries stand in, or its reverse: nothing is sorted.
    private static func foundByCreation(for query: ProductQuery, in state: State) -> [Entry] {
        var entries = state.entries[...]
        var offset = 0
        switch query.start {
        case .offset(let count):
            offset = count
        case .after(let start) where query.order.isDescending:
            entries = entries[..<state.index(from: start.sequence)]
        case .after(let start):
            entries = entries[state.index(from: start.sequence + 1)...]
        }
        let isWanted = { (entry: Entry) in query.filter.allows(entry.product) }
        return query.order.isDescending
            ? Array(entries.reversed().lazy.filter(isWanted).dropFirst(offset).prefix(query.limit + 1))
            : Array(entries.lazy.filter(isWanted).dropFirst(offset).prefix(query.limit + 1))
    }

    private static func position(of entry: Entry, in order: ProductOrder) -> PagePosition {
        PagePosition(behind: entry.product, sequence: entry.sequence, in: order)
    }

    private static func precedes(_ left: PagePosition, _ right: PagePosition, in order: ProductOrder) -> Bool {
        let (first, second) = order.isDescending ? (right, left) : (left, right)
        switch (first.key, second.key) {
        case (.price(let one), .price(let other)) where one != other:
            return one < other
        case (.name(let one), .name(let other)) where !one.unicodeScalars.elementsEqual(other.unicodeScalars):
            return one.unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars)
        default:
            return first.sequence < second.sequence
        }
    }
}
