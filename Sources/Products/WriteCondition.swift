// SPDX-License-Identifier: Apache-2.0

/// What must hold of a product that exists for a write to be done; checked in the same transaction as the write.
package indirect enum WriteCondition: Sendable, Hashable {
    /// Nothing more.
    case exists
    /// It stands at one of these versions.
    case version(in: Set<Int64>)
    /// It stands at none of these versions.
    case otherVersion(than: Set<Int64>)
    /// It has not been updated after this time.
    case unmodified(since: Timestamp)
    /// It does not exist, which never holds of one that does.
    case isAbsent
    case all([WriteCondition])

    package func allows(_ product: Product) -> Bool {
        allows(version: product.version, updatedAt: product.updatedAt)
    }

    /// Whether it allows a product that stands at a version, made at a time.
    package func allows(version: Int64, updatedAt: Timestamp) -> Bool {
        switch self {
        case .exists: true
        case .version(let versions): versions.contains(version)
        case .otherVersion(let versions): !versions.contains(version)
        case .unmodified(let since): updatedAt <= since
        case .isAbsent: false
        case .all(let conditions): conditions.allSatisfy { $0.allows(version: version, updatedAt: updatedAt) }
        }
    }
}
