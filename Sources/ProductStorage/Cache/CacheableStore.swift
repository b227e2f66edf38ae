// SPDX-License-Identifier: Apache-2.0

package import Products

/// A store of products that a cache can stand in front of. Thread-safe.
package protocol CacheableStore: Sendable {
    typealias Repository = ProductRepository & ProductImporting & CursorKeyStore

    /// The products.
    var repository: any Repository { get }
    /// The same products; each of its writes also leaves a note for the caches, in its own transaction.
    var notingRepository: any Repository { get }
    /// The notes.
    var outbox: any CacheOutbox { get }
}
