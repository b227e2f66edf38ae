// SPDX-License-Identifier: Apache-2.0

/// Everything that can go wrong with a use case of the catalogue.
package enum ProductError: Error, Sendable, Hashable {
    /// The input breaks these rules.
    case invalid([FieldProblem])
    case notFound(ProductID)
    case alreadyExists(ProductID)
    /// The product is not in a state the caller's condition allows.
    case conditionFailed
    /// The idempotency key was used before, for another product.
    case idempotencyKeyReused
    /// A request with the same idempotency key is still being worked on.
    case idempotencyKeyInUse
    /// The store cannot answer now; the same request may succeed later.
    case unavailable(StoreUnavailability)
}
