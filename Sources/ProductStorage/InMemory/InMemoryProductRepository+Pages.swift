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
        var offset = 0
        var entries = state.entries[...]
        var position: PagePosition?
        switch query.start {
        case .offset(let count): offset = count
        case .after(let start): position = start
        }
        if case .createdAt = query.order.key {
            if let sequence = position?.sequence {
                entries =
                    query.order.isDescending
                    ? entries[..<state.index(from: sequence)] : entries[state.index(from: sequence + 1)...]
            }
            let wanted = { (entry: Entry) in query.filter.allows(entry.product) }
            return query.order.isDescending
                ? Array(entries.reversed().lazy.filter(wanted).dropFirst(offset).prefix(query.limit + 1))
                : Array(entries.lazy.filter(wanted).dropFirst(offset).prefix(query.limit + 1))
        }
        let matching = entries.filter { entry in
            query.filter.allows(entry.product)
                && position.map { precedes($0, Self.position(of: entry, in: query.order), in: query.order) } ?? true
        }
        let sorted = matching.sorted { left, right in
            precedes(
                Self.position(of: left, in: query.order), Self.position(of: right, in: query.order), in: query.order)
        }
        return Array(sorted.dropFirst(offset).prefix(query.limit + 1))
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
