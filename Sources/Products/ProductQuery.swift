// SPDX-License-Identifier: Apache-2.0

/// A question for a page of products. One that exists obeys the rules of its fields.
package struct ProductQuery: Sendable, Hashable {
    package static let limits = 1...100
    package static let defaultLimit = 20

    package let filter: ProductFilter
    package let order: ProductOrder
    package let limit: Int
    package let start: Start

    /// Where the page starts.
    package enum Start: Sendable, Hashable {
        /// After this many products; 0 is the beginning.
        case offset(Int)
        /// Behind the last product of another page of the same filter and order.
        case after(PagePosition)
    }

    /// A `limit` outside 1…100 becomes 20, a negative offset 0.
    package init(
        filter: ProductFilter = .all, order: ProductOrder = .newestFirst,
        limit: Int = defaultLimit, start: Start = .offset(0)
    ) {
        self.filter = filter
        self.order = order
        self.limit = Self.limits.contains(limit) ? limit : Self.defaultLimit
        if case .offset(let offset) = start { self.start = .offset(max(0, offset)) } else { self.start = start }
    }
}

/// Which products a page may hold: those that meet every bound given.
package struct ProductFilter: Sendable, Hashable {
    package let namePrefix: String?
    package let minimumPrice: Money?
    package let maximumPrice: Money?

    package static let all = ProductFilter()

    private init() { (namePrefix, minimumPrice, maximumPrice) = (nil, nil, nil) }

    /// Throws ``ProductError/invalid(_:)`` when the prefix is empty or longer than a name may be. It is compared scalar by
    /// scalar, case included.
    package init(namePrefix: String?, minimumPrice: Money?, maximumPrice: Money?) throws(ProductError) {
        if let namePrefix, !ProductRules.nameLength.contains(namePrefix.unicodeScalars.count) {
            throw .invalid([FieldProblem(pointer: "/name", detail: "must be from 1 to 100 characters")])
        }
        self.namePrefix = namePrefix
        self.minimumPrice = minimumPrice
        self.maximumPrice = maximumPrice
    }

    package func allows(_ product: Product) -> Bool {
        if let minimumPrice, product.price < minimumPrice { return false }
        if let maximumPrice, product.price > maximumPrice { return false }
        guard let namePrefix else { return true }
        return product.name.unicodeScalars.starts(with: namePrefix.unicodeScalars)
    }
}

/// The order of a page. Products with the same key stand in the order of their creation, in the same direction.
package struct ProductOrder: Sendable, Hashable {
    package enum Key: String, Sendable, Hashable, CaseIterable {
        case createdAt = "created_at"
        case price
        /// By Unicode scalars.
        case name
    }

    package let key: Key
    package let isDescending: Bool

    package static let newestFirst = ProductOrder(key: .createdAt, isDescending: true)
    package static let oldestFirst = ProductOrder(key: .createdAt, isDescending: false)

    package init(key: Key, isDescending: Bool) {
        self.key = key
        self.isDescending = isDescending
    }
}
