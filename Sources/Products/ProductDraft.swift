// SPDX-License-Identifier: Apache-2.0

/// What a product to be created is made of. One that exists obeys ``ProductRules``.
package struct ProductDraft: Sendable, Hashable {
    package let name: String
    package let description: String
    package let price: Money

    /// Throws ``ProductError/invalid(_:)`` with every rule the fields break.
    package init(name: String, description: String, price: Money) throws(ProductError) {
        let problems = ProductRules.problems(name: name, description: description, price: price)
        if !problems.isEmpty { throw .invalid(problems) }
        self.name = name
        self.description = description
        self.price = price
    }
}
