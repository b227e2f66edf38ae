// SPDX-License-Identifier: Apache-2.0

/// What caches had to do with the answer to one request.
package struct CacheReport: Sendable, Hashable {
    /// What one cache said.
    package enum Outcome: Sendable, Hashable {
        /// It had the answer: a product, or that there is none.
        case hit
        /// It had nothing.
        case miss
        /// What it had is being changed, or someone else is reading it from the store.
        case busy
        /// It could not be asked, or must not be believed at the moment.
        case bypassed
    }

    /// The cache in the process; nil when there is none.
    package var near: Outcome?
    /// The cache that replicas share; nil when there is none, or it was not asked.
    package var shared: Outcome?
    /// Whether the answer came with that to another request, which asked a little earlier.
    package var isCollapsed = false
    /// How the caches heard of a write; nil for a read.
    package var write: WriteNotice?

    /// How caches hear of a write.
    package enum WriteNotice: Sendable, Hashable {
        /// Before it was made, all of them.
        case before
        /// From the store, a moment after it was acknowledged.
        case after
    }

    /// Whether the answer is kept for those who ask next.
    package var isStored = false

    package init(near: Outcome? = nil, shared: Outcome? = nil, write: WriteNotice? = nil) {
        self.near = near
        self.shared = shared
        self.write = write
    }
}
