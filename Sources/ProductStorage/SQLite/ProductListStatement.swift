// SPDX-License-Identifier: Apache-2.0

import GRDB
import Products

/// The statement for one page of products, and its arguments.
///
/// Walks the index of the page's order from the page's start, so that nothing is sorted and the walk ends with the
/// page. Asks for one row more than the page holds, which tells whether another page follows. There are as many
/// statements as combinations of order, filters and kind of start, so that each connection prepares each at most once.
struct ProductListStatement {
    let sql: String
    let arguments: StatementArguments

    init(_ query: ProductQuery) {
        var conditions = Self.conditions(of: query.filter)
        var offset = 0
        switch query.start {
        case .offset(let count): offset = count
        case .after(let position): conditions.append(Self.condition(after: position, in: query.order))
        }
        let direction = query.order.isDescending ? "desc" : "asc"
        let (index, order) = Self.index(for: query.order.key, direction: direction)
        sql = """
            select id, name, description, price_cents, created_at, updated_at, version, sequence
            from products indexed by \(index)
            \(conditions.isEmpty ? "" : "where \(conditions.map(\.sql).joined(separator: " and "))")
            order by \(order)
            limit ? offset ?
            """
        arguments = StatementArguments(conditions.flatMap(\.values) + [query.limit + 1, offset])
    }

    /// A condition and the values of its parameters.
    private typealias Condition = (sql: String, values: [any DatabaseValueConvertible])

    private static func conditions(of filter: ProductFilter) -> [Condition] {
        var conditions: [Condition] = []
        if let prefix = filter.namePrefix {
            conditions.append(("name >= ?", [prefix]))
            if let end = NamePrefix.firstName(behind: prefix) { conditions.append(("name < ?", [end])) }
        }
        if let minimum = filter.minimumPrice { conditions.append(("price_cents >= ?", [minimum.cents])) }
        if let maximum = filter.maximumPrice { conditions.append(("price_cents <= ?", [maximum.cents])) }
        return conditions
    }

    private static func condition(after position: PagePosition, in order: ProductOrder) -> Condition {
        let comparison = order.isDescending ? "<" : ">"
        switch position.key {
        case .createdAt: return ("sequence \(comparison) ?", [position.sequence])
        case .price(let price):
            return ("(price_cents, sequence) \(comparison) (?, ?)", [price.cents, position.sequence])
        case .name(let name): return ("(name, sequence) \(comparison) (?, ?)", [name, position.sequence])
        }
    }

    private static func index(for key: ProductOrder.Key, direction: String) -> (index: String, order: String) {
        switch key {
        case .createdAt: ("products_by_sequence", "sequence \(direction)")
        case .price: ("products_by_price", "price_cents \(direction), sequence \(direction)")
        case .name: ("products_by_name", "name \(direction), sequence \(direction)")
        }
    }
}
