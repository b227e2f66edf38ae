// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Tracing

/// Connections to a server that statements share. Thread-safe.
///
/// ```swift
/// let pool = try PostgresPool(PostgresConfiguration(url: "postgres://app@db.example/shop"))
/// for row in try await pool.read("select id, name from products where stock <= \(limit)") {
///     let (id, name) = try row.decode(as: (UUID, String).self)
///     print("\(name) runs low")
///     try await pool.withTransaction { transaction in
///         try await transaction.execute("update products set stock = stock + 10 where id = \(id)")
///         try await transaction.execute("insert into orders (product) values (\(id))")
///     }
/// }
/// await pool.close()
/// ```
///
/// libpq carries the statements, in pipeline mode, on one thread of the pool's own: nothing blocks the caller's.
/// Connections are opened when there is work for them, and again, with growing intervals, when the server is away. A
/// statement waits for one at most ``PostgresConfiguration/waitLimit``; the server ends it after
/// ``PostgresConfiguration/statementTimeout``, and the connection is given up when twice that has not brought an
/// answer.
///
/// A connection is shared: what a statement leaves behind in its session (`set`, temporary tables, advisory locks) is
/// seen by others, and one that is left in a transaction is closed. Use ``withTransaction(_:)`` and `set local`.
///
/// Durations, waits and connections are counted through swift-metrics, `db_client_…`; every statement is a span of
/// swift-distributed-tracing, without its values.
public final class PostgresPool: Sendable {
    private let configuration: PostgresConfiguration
    private let inbox: Inbox
    private let metrics: PoolMetrics
    /// As it was when the pool was made: asking for it takes a lock.
    private let tracer: any Tracer
    private let lastLease = Atomic<UInt64>(0)

    /// How often a statement or a transaction is tried that others' keep from happening.
    private static let conflictTries = 3

    /// Starts the pool, which opens its first connections in the background. ``close()`` ends it. Metrics and traces go
    /// where the systems of both lead to by now.
    ///
    /// Throws when the process has no more descriptors.
    public init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        metrics = PoolMetrics(configuration)
        tracer = InstrumentationSystem.tracer
        inbox = try PostgresReactor.start(configuration, metrics: metrics)
    }

    deinit { _ = inbox.put(.close {}) }

    /// Runs a statement that changes nothing. It may share a connection, and a transaction, with other reads; it is
    /// sent a second time when its connection is lost.
    ///
    /// Throws a ``PostgresError``; ``PostgresError/Code/cancelled`` as soon as the task is.
    public func read(_ query: PostgresQuery) async throws(PostgresError) -> PostgresRows {
        try await run(query, for: .read)
    }

    /// Runs a statement in a transaction of its own. When this returns, it is committed.
    ///
    /// It is sent again only when it certainly did not happen: its connection was lost before, or it met others in a
    /// deadlock. Throws a ``PostgresError``; with ``PostgresError/Code/outcomeUnknown``,
    /// ``PostgresError/Code/timedOut`` and ``PostgresError/Code/cancelled`` it may have happened all the same.
    @discardableResult
    public func execute(_ query: PostgresQuery) async throws(PostgresError) -> PostgresRows {
        try await run(query, for: .write)
    }

    /// Ends the pool: refuses new statements, waits for those under way at most
    /// ``PostgresConfiguration/closeTimeout``, and closes the connections.
    public func close() async {
        await withCheckedContinuation { continuation in
            if !inbox.put(.close { continuation.resume() }) { continuation.resume() }
        }
    }

    private func run(_ query: PostgresQuery, for purpose: Purpose) async throws(PostgresError) -> PostgresRows {
        if query.operation.controlsTransactions {
            throw PostgresError(.unsupported, message: "use withTransaction: connections are shared")
        }
        var tries = 1
        while true {
            do {
                return try await send(query, for: purpose)
            } catch  where error.isRetriable && tries < Self.tries(after: error) {
                tries += 1
                if error.sqlState?.isConflict == true { try await Self.pause(before: tries) }
            }
        }
    }

    private static func tries(after error: PostgresError) -> Int {
        error.sqlState?.isConflict == true ? conflictTries : 2
    }

    /// Lets those go first whom the statement met.
    private static func pause(before tries: Int) async throws(PostgresError) {
        do {
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 << tries))))
        } catch {
            throw PostgresError(.cancelled)
        }
    }

    /// Sends one statement once.
    func send(
        _ query: PostgresQuery, for purpose: Purpose, timeout: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        if let limit = query.bindings.exceededLimit { throw PostgresError(.unsupported, message: limit) }
        let operation = PostgresOperation(query, for: purpose, timeout: timeout ?? configuration.statementTimeout)
        let span = QuerySpan(query.operation, by: tracer)
        let outcome = await operation.outcome { operation in
            if !inbox.put(.statement(operation)) { operation.finish(.failure(PostgresError(.closed))) }
        }
        var failure: PostgresError?
        if case .failure(let error) = outcome { failure = error }
        metrics.finished(query.operation, after: .now - operation.createdAt, error: failure)
        span.end(failure)
        return try outcome.get()
    }
}

// MARK: - Transactions

extension PostgresPool {
    /// Runs statements as one transaction on a connection of its own: all happen, or none.
    ///
    /// Commits when `body` returns, rolls back when it throws. When the transaction meets others in a deadlock, or
    /// cannot be put in order with them, `body` is run again, at most three times in all: it should do nothing else.
    /// Throws what `body` throws, or a ``PostgresError``; with ``PostgresError/Code/outcomeUnknown``,
    /// ``PostgresError/Code/timedOut`` and ``PostgresError/Code/cancelled`` it may have been committed all the same.
    public func withTransaction<Value: Sendable>(
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        var tries = 1
        while true {
            do {
                return try await transact(body)
            } catch let error as PostgresError
                where error.sqlState?.isConflict == true && tries < Self.conflictTries
            {
                tries += 1
                try await Self.pause(before: tries)
            }
        }
    }

    /// Begins a transaction, on another connection when one is lost over it.
    private func begin(_ lease: Lease) async throws(PostgresError) {
        do {
            _ = try await send("begin", for: .begin(lease))
        } catch  where error.isRetriable {
            _ = try await send("begin", for: .begin(lease))
        }
    }

    private func transact<Value: Sendable>(
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        let lease = Lease(number: lastLease.add(1, ordering: .relaxed).newValue)
        let transaction = PostgresTransaction(pool: self, lease: lease)
        // However this ends: a connection that is still in a transaction then is closed.
        defer { _ = inbox.put(.release(lease)) }
        try await begin(lease)
        let start = ContinuousClock.now
        defer { metrics.used(.now - start) }
        let value: Value
        do {
            value = try await body(transaction)
        } catch {
            // Should this fail, the connection is closed, which undoes as much.
            _ = try? await send("rollback", for: .end(lease))
            throw error
        }
        let rows = try await send("commit", for: .end(lease))
        // A statement that failed and was caught by `body` leaves nothing to commit.
        if rows.commandTag != "COMMIT" {
            throw PostgresError(.server, sqlState: SQLState("25P02"), message: "a statement before had failed")
        }
        return value
    }
}
