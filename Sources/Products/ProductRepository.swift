// SPDX-License-Identifier: Apache-2.0

/// Keeps the products. Every operation is one transaction: it happens whole or not at all, and what has been answered
/// survives a crash of the process. Every adapter passes the same contract suite.
package protocol ProductRepository: Sendable {
    /// Adds a product, and remembers `key` with it in the same transaction.
    ///
    /// With a key that was remembered less than 24 hours before `product.createdAt`, adds nothing and returns the
    /// product that was created with it then, as it was then. Throws ``ProductError/idempotencyKeyReused`` when that
    /// one was made from another draft, and ``ProductError/alreadyExists(_:)`` when the id is taken.
    func create(_ product: Product, idempotencyKey: IdempotencyKey?) async throws(ProductError) -> Product

    /// Throws ``ProductError/notFound(_:)`` when there is none.
    func product(withID id: ProductID) async throws(ProductError) -> Product

    func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage

    /// Applies the changes if the condition allows the product as it is, and returns its next version.
    ///
    /// Throws ``ProductError/notFound(_:)`` or ``ProductError/conditionFailed``.
    func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product

    /// Removes the product if the condition allows it as it is.
    ///
    /// Throws ``ProductError/notFound(_:)`` or ``ProductError/conditionFailed``.
    func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError)
}
