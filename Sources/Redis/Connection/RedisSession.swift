// SPDX-License-Identifier: Apache-2.0

/// One connection to one run of a server, from its opening to its end. Thread-safe.
///
/// A command that is sent within a session reaches that run of the server or none: what was found out about the server
/// (``runID``) holds for it.
public struct RedisSession: Sendable, Hashable {
    /// The server's `run_id`: 40 hexadecimal digits, others each time it starts.
    public let runID: String
    /// Tells the sessions of one client apart; higher for later ones of the same connection.
    public let number: UInt64
    /// Which connection of the client it is.
    let connectionIndex: Int
}
