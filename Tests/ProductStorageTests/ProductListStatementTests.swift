// SPDX-License-Identifier: Apache-2.0

import GRDB
import Logging
import Products
import ProductsTesting
import ServiceTesting
import Testing

@testable import ProductStorage

@Suite struct `The list statement` {
    private static func queries() throws -> [ProductQuery] {
        var queries: [ProductQuery] = []
        let keys: [(ProductOrder.Key, PagePosition.Key)] = [
            (.createdAt, .createdAt), (.price, .price(Money(cents: 500))), (.name, .name("Product 5")),
        ]
        for (key, position) in keys {
            for isDescending in [false, true] {
                for start in [ProductQuery.Start.offset(30), .after(PagePosition(key: position, sequence: 500))] {
                    for prefix in [nil, "Product"] {
                        for minimum in [nil, Money(cents: 100)] {
                            for maximum in [nil, Money(cents: 900)] {
                                let filter = try ProductFilter(
                                    namePrefix: prefix, minimumPrice: minimum, maximumPrice: maximum)
                                queries.append(
                                    ProductQuery(
                                        filter: filter, order: ProductOrder(key: key, isDescending: isDescending),
                                        start: start))
                            }
                        }
                    }
                }
            }
        }
        return queries
    }

    @Test func `walks an index for every combination of order, filters and start, and sorts for none`() async throws {
        let folder = try TemporaryFolder()
        let database = try await SQLiteDatabase.open(at: folder("products.db"), for: .writing)
        let store = SQLiteStore(path: folder("products.db"), logger: Logger(label: "test"))
        #expect(await store.open())
        let products = (0..<1000).map { ProductFixtures.product(name: "Product \($0)", cents: Int64($0 + 1)) }
        _ = try await SQLiteProductRepository(store: store).insert(products)

        let queries = try Self.queries()
        #expect(queries.count == 96)
        for query in queries {
            let statement = ProductListStatement(query)
            let plan = try await database.pool.read { database in
                try Row.fetchAll(database, sql: "explain query plan \(statement.sql)", arguments: statement.arguments)
                    .map { $0["detail"] as String }
            }
            #expect(plan.count == 1, "\(query): \(plan)")
            #expect(plan.allSatisfy { $0.contains("USING INDEX products_by_") }, "\(query): \(plan)")
            // From the middle of the order, or from a bound of its key, the walk begins there and not at the end.
            if case .after = query.start { #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(query): \(plan)") }
            if query.order.key == .name, query.filter.namePrefix != nil {
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(query): \(plan)")
            }
            if query.order.key == .price, query.filter.minimumPrice != nil || query.filter.maximumPrice != nil {
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(query): \(plan)")
            }
        }
        try database.close(checkpoint: true)
        store.close()
    }

    @Test func `ends a prefix at the first string behind it`() {
        #expect(NamePrefix.firstName(behind: "a") == "b")
        #expect(NamePrefix.firstName(behind: "a\u{d7ff}") == "a\u{e000}")
        #expect(NamePrefix.firstName(behind: "a\u{10ffff}") == "b")
        #expect(NamePrefix.firstName(behind: "\u{10ffff}\u{10ffff}") == nil)
    }
}
