// SPDX-License-Identifier: Apache-2.0

/// A product of the catalogue, as it stands at one version.
package struct Product: Sendable, Hashable, Identifiable {
    package let id: ProductID
    package var name: String
    package var description: String
    package var price: Money
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// 1 when created, one more with each update.
    package var version: Int64

    package init(
        id: ProductID, name: String, description: String, price: Money,
        createdAt: Timestamp, updatedAt: Timestamp, version: Int64
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.price = price
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// The first version of a new product.
    package init(id: ProductID, draft: ProductDraft, createdAt: Timestamp) {
        self.init(
            id: id, name: draft.name, description: draft.description, price: draft.price,
            createdAt: createdAt, updatedAt: createdAt, version: 1)
    }

    /// Returns the next version of this product. Its time of update never goes back, whatever the clock does.
    package func applying(_ changes: ProductChanges, at now: Timestamp) -> Product {
        var product = self
        product.name = changes.name ?? name
        product.description = changes.description ?? description
        product.price = changes.price ?? price
        product.updatedAt = max(now, updatedAt)
        // Wraps rather than traps: a version that large only stands in a damaged store, which refuses the next one.
        product.version &+= 1
        return product
    }

    /// Whether both were made from the same fields, to the last scalar: canonically equivalent strings differ.
    package func hasSameFields(as other: Product) -> Bool {
        price == other.price
            && name.unicodeScalars.elementsEqual(other.name.unicodeScalars)
            && description.unicodeScalars.elementsEqual(other.description.unicodeScalars)
    }
}
