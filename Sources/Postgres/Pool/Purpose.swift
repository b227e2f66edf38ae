// SPDX-License-Identifier: Apache-2.0

/// What a statement is sent for, which decides where it may go and what its loss means.
enum Purpose: Sendable, Hashable {
    /// Changes nothing, so that it may be sent twice.
    case read
    /// A transaction of its own.
    case write
    /// Begins a transaction: leases a connection.
    case begin(Lease)
    /// One of a transaction.
    case within(Lease)
    /// Ends a transaction, and the lease.
    case end(Lease)
    /// Several statements at once, without values, in a transaction.
    case script(Lease)

    /// The lease it belongs to.
    var lease: Lease? {
        switch self {
        case .read, .write: nil
        case .begin(let lease), .within(let lease), .end(let lease), .script(let lease): lease
        }
    }

    /// Whether it goes on a connection that its transaction has claimed before.
    var hasConnection: Bool {
        switch self {
        case .read, .write, .begin: false
        case .within, .end, .script: true
        }
    }

    /// Whether it may be part of one transaction with the statements sent before and after it.
    var sharesSyncPoint: Bool { self == .read }
}

/// A claim on one connection for as long as a transaction lasts.
struct Lease: Sendable, Hashable {
    let number: UInt64
}
