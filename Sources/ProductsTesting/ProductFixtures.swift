// SPDX-License-Identifier: Apache-2.0

package import Products

/// Products for tests.
package enum ProductFixtures {
    private static let ids = ProductIDGenerator(clock: SystemWallClock())

    package static func product(
        id: ProductID? = nil, name: String = "Laptop", description: String = "MacBook Pro", cents: Int64 = 129_999,
        createdAt: Int64 = 1_700_000_000
    ) -> Product {
        let time = Timestamp(secondsSinceEpoch: createdAt)
        return Product(
            id: id ?? ids.next(), name: name, description: description, price: Money(cents: cents),
            createdAt: time, updatedAt: time, version: 1)
    }

    /// An id no product has.
    package static func unusedID() -> ProductID { ids.next() }
}
