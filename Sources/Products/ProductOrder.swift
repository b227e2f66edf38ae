// SPDX-License-Identifier: Apache-2.0

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
