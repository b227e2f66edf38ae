// SPDX-License-Identifier: Apache-2.0

/// A transaction that has begun. Of use only inside the body it was given to.
public struct PostgresTransaction: Sendable {
    private let pool: PostgresPool
    private let lease: Lease

    init(pool: PostgresPool, lease: Lease) {
        self.pool = pool
        self.lease = lease
    }

    /// Runs a statement. After one has failed, the server refuses all others of the transaction.
    ///
    /// - Parameter timeout: How long it may run before the connection is given up; that of the pool's configuration
    ///   when nil. The server's own limit is `statement_timeout`.
    @discardableResult
    public func execute(_ query: PostgresQuery, timeout: Duration? = nil) async throws(PostgresError) -> PostgresRows {
        try await pool.send(query, for: .within(lease), timeout: timeout)
    }

    /// Runs several statements, separated by semicolons and without values, and returns nothing of theirs. Stops at the
    /// first that fails. For files of SQL that the program brings along.
    public func execute(script: String, timeout: Duration? = nil) async throws(PostgresError) {
        _ = try await pool.send(PostgresQuery(unescaped: script), for: .script(lease), timeout: timeout)
    }
}
