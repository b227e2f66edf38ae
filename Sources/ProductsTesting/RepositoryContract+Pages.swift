// SPDX-License-Identifier: Apache-2.0

import Products

extension RepositoryContract {
    static let pages = [
        RepositoryContract("the default order is newest first, whatever the clock said") { repository in
            // All in one second, and one from a clock that was set back.
            var expected: [Product] = []
            for number in 0..<30 {
                let time: Int64 = number == 15 ? 1_600_000_000 : 1_700_000_000
                let product = ProductFixtures.product(name: "P\(number)", createdAt: time)
                expected.insert(try await repository.create(product, idempotencyKey: nil), at: 0)
            }
            let first = try await repository.list(ProductQuery())
            try require(first.products == Array(expected.prefix(20)), "\(first.products.map(\.name))")
            let rest = try await repository.list(ProductQuery(start: .offset(20)))
            try require(rest.products == Array(expected.suffix(10)) && rest.next == nil)
            try require(try await repository.list(ProductQuery(start: .offset(1_000_000_000))).products.isEmpty)
        },
        RepositoryContract("pages by cursor hold what one sort of everything holds, in every order and filter") {
            repository in
            var generator = SeededGenerator(seed: 7)
            for _ in 0..<120 {
                _ = try await repository.create(randomProduct(&generator), idempotencyKey: nil)
            }
            let all = try await everything(in: repository, order: .oldestFirst, filter: .all, pageSize: 100)
            try require(all.count == 120)
            for key in ProductOrder.Key.allCases {
                for isDescending in [false, true] {
                    for filter in try filters() {
                        let order = ProductOrder(key: key, isDescending: isDescending)
                        let expected = sorted(all.filter(filter.allows), by: order)
                        for pageSize in [1, 7, 100] {
                            let pages = try await everything(
                                in: repository, order: order, filter: filter, pageSize: pageSize)
                            try require(pages == expected, "\(order) \(filter) \(pages.count) of \(expected.count)")
                        }
                        let query = ProductQuery(filter: filter, order: order, limit: 10, start: .offset(5))
                        let page = try await repository.list(query)
                        try require(page.products == Array(expected.dropFirst(5).prefix(10)))
                        try require((page.next != nil) == (expected.count > 15))
                    }
                }
            }
        },
        RepositoryContract("pages by cursor miss and repeat nothing while products are added and removed") {
            repository in
            var present: [ProductID] = []
            for number in 0..<60 {
                let product = ProductFixtures.product(name: "P\(number)")
                present.append(try await repository.create(product, idempotencyKey: nil).id)
            }
            async let additions: Void = add(100, to: repository)
            var seen: [ProductID] = []
            var start = ProductQuery.Start.offset(0)
            while true {
                let page = try await repository.list(ProductQuery(limit: 7, start: start))
                seen += page.products.map(\.id)
                guard let next = page.next else { break }
                start = .after(next)
                // The product the cursor stands behind may go.
                if let last = page.products.last, last.id != present.first {
                    try await repository.delete(last.id, if: .exists)
                }
            }
            try await additions
            try require(Set(seen).count == seen.count, "a product came twice")
            try require(Set(present).isSubset(of: seen), "\(Set(present).subtracting(seen).count) products were missed")
        },
    ]

    private static func add(_ count: Int, to repository: any Repository) async throws {
        for number in 0..<count {
            _ = try await repository.create(ProductFixtures.product(name: "New \(number)"), idempotencyKey: nil)
        }
    }

    private static func everything(
        in repository: any Repository, order: ProductOrder, filter: ProductFilter, pageSize: Int
    ) async throws -> [Product] {
        var products: [Product] = []
        var start = ProductQuery.Start.offset(0)
        while true {
            let query = ProductQuery(filter: filter, order: order, limit: pageSize, start: start)
            let page = try await repository.list(query)
            try require(page.products.count <= pageSize)
            products += page.products
            guard let next = page.next else { return products }
            start = .after(next)
        }
    }

    /// `products` stand in the order of their creation.
    private static func sorted(_ products: [Product], by order: ProductOrder) -> [Product] {
        let numbered = Array(products.enumerated())
        let ascending = numbered.sorted { left, right in
            switch order.key {
            case .price where left.element.price != right.element.price:
                return left.element.price < right.element.price
            case .name where left.element.name != right.element.name:
                return left.element.name.unicodeScalars.lexicographicallyPrecedes(right.element.name.unicodeScalars)
            default:
                return left.offset < right.offset
            }
        }.map(\.element)
        return order.isDescending ? ascending.reversed() : ascending
    }

    private static func filters() throws -> [ProductFilter] {
        var filters: [ProductFilter] = []
        for prefix in [nil, "b", "bé", "\u{10ffff}", "%", "nothing"] {
            for minimum in [nil, Money(cents: 300)] {
                for maximum in [nil, Money(cents: 700)] {
                    filters.append(try ProductFilter(namePrefix: prefix, minimumPrice: minimum, maximumPrice: maximum))
                }
            }
        }
        return filters
    }

    /// Few names and prices, so that many are equal.
    private static func randomProduct(_ generator: inout SeededGenerator) -> Product {
        let names = ["a", "b", "ba", "bé", "béa", "B", "\u{10ffff}x", "%_", "\u{d7ff}", "\u{e000}"]
        let name = names.randomElement(using: &generator) ?? "a"
        return ProductFixtures.product(name: name, cents: Int64.random(in: 1...10, using: &generator) * 100)
    }
}
