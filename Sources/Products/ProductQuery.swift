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
