// SPDX-License-Identifier: Apache-2.0

/// What must hold of a product for a write to be done; checked in the same transaction as the write.
package enum WriteCondition: Sendable, Hashable {
    /// The product exists.
    case exists
    /// The product exists at one of these versions.
    case version(in: Set<Int64>)
    /// The product has not been updated after this time.
    case unmodified(since: Timestamp)

    package func allows(_ product: Product) -> Bool {
        switch self {
        case .exists: true
        case .version(let versions): versions.contains(product.version)
        case .unmodified(let since): product.updatedAt <= since
        }
    }
}
