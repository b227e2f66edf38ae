// SPDX-License-Identifier: Apache-2.0

/// A statement in the hands of the reactor.
struct Ticket {
    let operation: PostgresOperation
    /// Whether it has been sent before in vain: it then shares nothing with others.
    var isRepeated = false
    /// When the connection is given up if it has not been answered.
    var deadline = ContinuousClock.Instant.now
}
