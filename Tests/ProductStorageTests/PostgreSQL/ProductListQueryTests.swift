// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Postgres
import PostgresTesting
import Products
import Testing

@testable import ProductStorage

@Suite struct `Pages of products on PostgreSQL` {
    /// A store with 100,000 products.
    private func withProducts(_ body: (PostgresServer, PostgresPool) async throws -> Void) async throws {
        let server = try await PostgresServer.start()
        let store = try PostgresStore(PostgresConfiguration(url: server.url()), logger: Logger(label: "test"))
        try #require(await store.open())
        await store.close()
        try await server.execute(
            """
            insert into products (id, name, description, price, created_at, updated_at, version)
            select gen_random_uuid(), 'Product ' || i % 1000, repeat('d', 100), (i % 5000 + 1)::numeric / 100,
                i / 10, i / 10, 1
            from generate_series(1, 100000) i
            """)
        try await server.execute("analyze")
        var configuration = try PostgresConfiguration(url: server.url())
        configuration.statementTimeout = .seconds(20)
        let pool = try PostgresPool(configuration)
        try await body(server, pool)
        await pool.close()
    }

    private static func filters() throws -> [ProductFilter] {
        var filters: [ProductFilter] = []
        for prefix in [nil, "Product 7", "Product 77", "P", "nothing"] {
            for minimum in [nil, Money(cents: 4990)] {
                for maximum in [nil, Money(cents: 20), Money(cents: 4000)] {
                    filters.append(
                        try ProductFilter(namePrefix: prefix, minimumPrice: minimum, maximumPrice: maximum))
                }
            }
        }
        return filters
    }

    private static func starts(in order: ProductOrder) -> [ProductQuery.Start] {
        let key: PagePosition.Key =
            switch order.key {
            case .createdAt: .createdAt
            case .price: .price(Money(cents: 2500))
            case .name: .name("Product 5")
            }
        return [.offset(0), .offset(40), .after(PagePosition(key: key, sequence: 50_000))]
    }

    @Test func `no order, filter or start of a page scans the table, as the values are or as a general plan`()
        async throws
    {
        try await withProducts { _, pool in
            var checked = 0
            for isGeneral in [false, true] {
                for key in ProductOrder.Key.allCases {
                    for isDescending in [false, true] {
                        let order = ProductOrder(key: key, isDescending: isDescending)
                        for filter in try Self.filters() {
                            for start in Self.starts(in: order) {
                                let query = ProductQuery(filter: filter, order: order, limit: 20, start: start)
                                let plan = try await self.plan(of: query, isGeneral, with: pool)
                                #expect(!plan.contains("Seq Scan") && plan.contains("Index"), "\(query): \(plan)")
                                checked += 1
                            }
                        }
                    }
                }
            }
            #expect(checked == 2 * 6 * 30 * 3)
            // The check can fail.
            let scan = try await pool.read("explain select * from products where description like '%x%'")
            #expect(try scan.map { try $0.decode(String.self, at: 0) }.joined().contains("Seq Scan"))
        }
    }

    private func plan(of query: ProductQuery, _ isGeneral: Bool, with pool: PostgresPool) async throws -> String {
        let statement = ProductListQuery.statement(for: query)
        return try await pool.withTransaction { transaction in
            let rows: PostgresRows
            if isGeneral {
                // Made for whatever values may come, as the server does for statements that are sent often.
                let count = statement.sql.count { $0 == "$" }
                let values = Array(repeating: "null", count: count).joined(separator: ", ")
                try await transaction.execute(
                    script: "set local plan_cache_mode = force_generic_plan; prepare page as \(statement.sql)")
                rows = try await transaction.execute(
                    PostgresQuery(unescaped: "explain execute page\(count == 0 ? "" : "(\(values))")"))
                try await transaction.execute(script: "deallocate page")
            } else {
                rows = try await transaction.execute("explain \(statement)")
            }
            return try rows.map { try $0.decode(String.self, at: 0) }.joined(separator: "\n")
        }
    }
}
