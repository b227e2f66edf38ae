// SPDX-License-Identifier: Apache-2.0

package import Products

/// Notes, in the store itself, of writes that Redis did not hear of when they were made: every replica reads them and
/// invalidates what they name. Thread-safe.
package protocol CacheOutbox: Sendable {
    /// The oldest notes, at most so many. Throws ``ProductError/unavailable(_:)``.
    func notes(limit: Int) async throws(ProductError) -> [CacheNote]

    /// Removes notes, all at once. Throws ``ProductError/unavailable(_:)``.
    func remove(_ notes: [CacheNote]) async throws(ProductError)

    /// Notes writes that have been made already. Throws ``ProductError/unavailable(_:)``.
    func add(_ ids: [ProductID]) async throws(ProductError)
}

/// A note of a write.
package struct CacheNote: Sendable, Hashable {
    package let number: Int64
    /// What was written to; nil for a write to many, which lists show.
    package let productID: ProductID?

    package init(number: Int64, productID: ProductID?) {
        self.number = number
        self.productID = productID
    }
}
