// SPDX-License-Identifier: Apache-2.0

/// A place in the protocol where tests hold a replica up, or end it.
package enum TestPoint: String, Sendable {
    /// A lease was won and the store read.
    case beforeFill
    /// The keys are closed.
    case afterBegin
    /// The write is in the store.
    case afterCommit
}
