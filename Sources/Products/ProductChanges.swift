// SPDX-License-Identifier: Apache-2.0

/// New values for some of a product's fields, at least one. Changes that exist obey ``ProductRules``.
package struct ProductChanges: Sendable, Hashable {
    package let name: String?
    package let description: String?
    package let price: Money?

    /// Throws ``ProductError/invalid(_:)`` when no field is given, or with every rule the given ones break.
    package init(name: String? = nil, description: String? = nil, price: Money? = nil) throws(ProductError) {
        if name == nil && description == nil && price == nil {
            throw .invalid([FieldProblem(pointer: "", detail: "must hold at least one of name, description and price")])
        }
        let problems = ProductRules.problems(name: name, description: description, price: price)
        if !problems.isEmpty { throw .invalid(problems) }
        self.name = name
        self.description = description
        self.price = price
    }
}
