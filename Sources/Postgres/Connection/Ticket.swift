// SPDX-License-Identifier: Apache-2.0

/// A statement in the hands of the reactor.
struct Ticket {
    let operation: PostgresOperation
    /// Whether it has been sent before in vain: it then shares nothing with others.
    var isRepeated = false
    /// Since when it has waited for a connection.
    var waitingSince: ContinuousClock.Instant
    /// When it was put on its way.
    var sentAt = ContinuousClock.Instant.now
    /// Whether nobody waits for it: the connection's own business.
    var isHousekeeping = false
}
