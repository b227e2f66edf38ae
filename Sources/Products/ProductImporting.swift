// SPDX-License-Identifier: Apache-2.0

/// Takes in products by the batch.
package protocol ProductImporting: Sendable {
    /// Adds all of `products` but those whose id is taken, in one transaction and in their order.
    ///
    /// Returns the ids that were taken; a second product with the id of an earlier one in the batch counts as one of
    /// them.
    func insert(_ products: [Product]) async throws(ProductError) -> [ProductID]
}
