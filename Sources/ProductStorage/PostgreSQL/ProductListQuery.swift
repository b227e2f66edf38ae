// SPDX-License-Identifier: Apache-2.0

import Postgres
import Products

/// The statement for one page of products.
///
/// Walks the index of the page's order from the page's start. Asks for one row more than the page holds, which tells
/// whether another page follows. The limit stands in the SQL and not among the values: the server's planner, which does
/// not look at values again once it has made a general plan, would reckon with a tenth of the table.
enum ProductListQuery {
    static func statement(for query: ProductQuery) -> PostgresQuery {
        var conditions = conditions(of: query.filter)
        if case .after(let position) = query.start { conditions.append(condition(after: position, in: query.order)) }
        var statement: PostgresQuery = "select \(Product.columns), sequence from products"
        for (index, condition) in conditions.enumerated() {
            statement.append(index == 0 ? " where " : " and ")
            statement.append(condition)
        }
        let direction = query.order.isDescending ? "desc" : "asc"
        statement.append(PostgresQuery(unescaped: " order by \(key(query.order.key, direction))sequence \(direction)"))
        statement.append(PostgresQuery(unescaped: " limit \(query.limit + 1)"))
        if case .offset(let offset) = query.start, offset > 0 { statement.append(" offset \(offset)") }
        statement.operation = .select
        return statement
    }

    private static func key(_ key: ProductOrder.Key, _ direction: String) -> String {
        switch key {
        case .createdAt: ""
        case .price: "price \(direction), "
        case .name: "name \(direction), "
        }
    }

    private static func conditions(of filter: ProductFilter) -> [PostgresQuery] {
        var conditions: [PostgresQuery] = []
        if let prefix = filter.namePrefix {
            conditions.append("name >= \(prefix)")
            if let end = NamePrefix.firstName(behind: prefix) { conditions.append("name < \(end)") }
        }
        if let minimum = filter.minimumPrice { conditions.append("price >= \(minimum)") }
        if let maximum = filter.maximumPrice { conditions.append("price <= \(maximum)") }
        return conditions
    }

    private static func condition(after position: PagePosition, in order: ProductOrder) -> PostgresQuery {
        let sequence = position.sequence
        switch (position.key, order.isDescending) {
        case (.createdAt, true): return "sequence < \(sequence)"
        case (.createdAt, false): return "sequence > \(sequence)"
        case (.price(let price), true): return "(price, sequence) < (\(price), \(sequence))"
        case (.price(let price), false): return "(price, sequence) > (\(price), \(sequence))"
        case (.name(let name), true): return "(name, sequence) < (\(name), \(sequence))"
        case (.name(let name), false): return "(name, sequence) > (\(name), \(sequence))"
        }
    }
}
