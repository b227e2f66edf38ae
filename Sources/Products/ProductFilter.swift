// SPDX-License-Identifier: Apache-2.0

/// Which products a page may hold: those that meet every bound given.
package struct ProductFilter: Sendable, Hashable {
    package let namePrefix: String?
    package let minimumPrice: Money?
    package let maximumPrice: Money?

    package static let all = ProductFilter()

    private init() { (namePrefix, minimumPrice, maximumPrice) = (nil, nil, nil) }

    /// Throws ``ProductError/invalid(_:)`` when the prefix is empty or longer than a name may be. It is compared scalar
    /// by scalar, case included.
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
