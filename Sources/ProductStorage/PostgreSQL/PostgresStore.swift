// SPDX-License-Identifier: Apache-2.0

package import Logging
package import Postgres
package import Products
import ServiceLifecycle
import Synchronization

/// Holds connections to a PostgreSQL database while the service runs, brings its schema up to date, and knows whether
/// it can be used. Thread-safe.
///
/// A database that is not there, or whose schema is not one that this version works with, is looked at again, at first
/// every 100 ms and at last every second, and the log says what is wrong.
package final class PostgresStore: Sendable {
    private struct State {
        /// What keeps the store from service; nil when nothing does.
        var impairment: StoreUnavailability? = .notOpen
        var hasOpened = false
        var lastFailureLogged: ContinuousClock.Instant?
        /// What was logged last of why the store is not in service.
        var lastProblem: (text: String, at: ContinuousClock.Instant)?
    }

    private let pool: PostgresPool
    private let schema: SchemaUse
    private let logger: Logger
    private let state = Mutex(State())

    private static let retryDelays = (first: Duration.milliseconds(100), last: Duration.seconds(1))
    private static let problemLogInterval = Duration.seconds(60)
    private static let failureLogInterval = Duration.seconds(10)

    /// What is done about a schema that is missing or old.
    package enum SchemaUse: Sendable {
        case migrate
        /// It is waited for until another program has migrated.
        case wait
    }

    /// Throws a ``PostgresError`` when the process has no more descriptors.
    package init(_ configuration: PostgresConfiguration, schema: SchemaUse = .migrate, logger: Logger) throws {
        pool = try PostgresPool(configuration)
        self.schema = schema
        self.logger = logger
    }

    /// Whether the store has once been found with its schema in place, whatever has become of it since.
    package var hasOpened: Bool { state.withLock { $0.hasOpened } }

    // MARK: - Statements

    /// Runs a statement that changes nothing. Throws ``ProductError/unavailable(_:)``.
    func read<Value>(
        _ query: PostgresQuery, _ decode: (PostgresRows) throws(PostgresError) -> Value
    ) async throws(ProductError) -> Value {
        try requireOpen()
        do {
            return try decode(try await pool.read(query))
        } catch {
            throw domainError(error, about: nil)
        }
    }

    /// Runs a statement as a transaction of its own.
    ///
    /// Throws ``ProductError/unavailable(_:)``, ``ProductError/alreadyExists(_:)`` or ``ProductError/invalid(_:)``.
    func write<Value>(
        _ query: PostgresQuery, about id: ProductID? = nil, _ decode: (PostgresRows) throws(PostgresError) -> Value
    ) async throws(ProductError) -> Value {
        try requireOpen()
        do {
            return try decode(try await pool.execute(query))
        } catch  where error.code == .timedOut {
            _ = domainError(error, about: id)
            throw .unavailable(.outcomeUnknown)
        } catch {
            throw domainError(error, about: id)
        }
    }

    private func requireOpen() throws(ProductError) {
        if let impairment = state.withLock({ $0.impairment }) { throw .unavailable(impairment) }
    }

    private func domainError(_ error: PostgresError, about id: ProductID?) -> ProductError {
        let domainError = ProductError(error, about: id)
        if case .unavailable(let reason) = domainError, reason != .cancelled { logFailure(error) }
        return domainError
    }

    // MARK: - Opening

    /// Looks whether the database can be used, and brings its schema up to date. Returns whether it is in service.
    package func open() async -> Bool {
        do {
            switch schema {
            case .migrate:
                let applied = try await PostgresSchema.migrator.migrate(pool)
                if !applied.isEmpty {
                    logger.notice("the schema was migrated", metadata: ["migrations": "\(applied)"])
                }
            case .wait:
                if let problem = try await schemaProblem() { return impair(problem.0, problem.1) }
            }
        } catch let error as PostgresError where error.code == .schema {
            return impair(.tooNew, "\(error.message): run that version, or restore a backup")
        } catch let error as PostgresError where error.code == .cancelled {
            return false
        } catch let error as PostgresError {
            let reason = StoreUnavailability(error)
            return impair(reason, "the database cannot be used: \(Self.advice(about: error))", because: error)
        } catch {
            return false
        }
        state.withLock { state in
            state.impairment = nil
            state.hasOpened = true
            state.lastProblem = nil
        }
        logger.info("database open", metadata: ["system": "postgresql"])
        return true
    }

    /// Opens the store for a command: tries again for so long while the database is not there.
    package func open(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while await !open() {
            switch state.withLock({ $0.impairment }) {
            case .unreachable, .busy: break
            default: return false
            }
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: Self.retryDelays.last / 2)) != nil else {
                return false
            }
        }
        return true
    }

    private func schemaProblem() async throws(PostgresError) -> (StoreUnavailability, String)? {
        switch try await PostgresSchema.migrator.schema(of: pool) {
        case .current: nil
        case .older(let number):
            (.notOpen, "the schema lacks migration \(number): run product-service migrate")
        case .newer(let number):
            (.tooNew, "migration \(number) is of a newer version of this program: run that version")
        case .changed(let number):
            (.tooNew, "migration \(number) is not the one that was applied: restore the schema it came from")
        }
    }

    /// Notes what keeps the store from service, and logs it when it is news. Returns false.
    private func impair(_ reason: StoreUnavailability, _ problem: String, because error: PostgresError? = nil) -> Bool {
        let text = "\(problem) \(error?.message ?? "")"
        let now = ContinuousClock.now
        let isNews = state.withLock { state in
            state.impairment = reason
            if let last = state.lastProblem, last.text == text, now < last.at + Self.problemLogInterval { return false }
            state.lastProblem = (text, now)
            return true
        }
        if isNews { logger.error("\(problem)", metadata: Self.metadata(of: error)) }
        return false
    }

    /// Ends the connections once what is on its way has been answered.
    package func close() async {
        state.withLock { $0.impairment = .notOpen }
        await pool.close()
    }

    /// Asks the database as a request would: what keeps it from answering, nil when it answers.
    package func check() async -> StoreUnavailability? {
        if let impairment = state.withLock({ $0.impairment }) { return impairment }
        do {
            _ = try await pool.read("select 1 from products limit 1")
            return nil
        } catch {
            logFailure(error)
            return StoreUnavailability(error)
        }
    }
}

// MARK: - The log

extension PostgresStore {
    /// Logs a failure, but not each of many.
    private func logFailure(_ error: PostgresError) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            if let last = state.lastFailureLogged, now < last + Self.failureLogInterval { return false }
            state.lastFailureLogged = now
            return true
        }
        if isDue {
            logger.error("database operations fail: \(Self.advice(about: error))", metadata: Self.metadata(of: error))
        }
    }

    /// Words that libpq or the server have for it; those of an error about values may quote them, and are left out.
    private static func metadata(of error: PostgresError?) -> Logger.Metadata {
        guard let error else { return [:] }
        var metadata: Logger.Metadata = ["error.type": "\(error)"]
        let mayQuote = error.code == .server && !(error.sqlState?.isAboutTheServer ?? false)
        if !mayQuote, !error.message.isEmpty { metadata["error.message"] = "\(error.message)" }
        return metadata
    }

    /// What an operator is to do.
    private static func advice(about error: PostgresError) -> String {
        switch error.code {
        case .connectionFailed:
            "check that the server of DATABASE_URL runs, takes writes and lets this user in; it is tried again"
        case .poolExhausted: "every connection is taken; look for slow statements in pg_stat_activity"
        case .timedOut: "the server did not answer in time; look for locks and load"
        case .outcomeUnknown: "connections are lost during writes; look at the server's log"
        case .connectionLost: "connections are lost; look at the server's log"
        default: "look at the server's log"
        }
    }
}

extension SQLState {
    /// Whether the words of the error are about the server's own state, not about a statement's values.
    fileprivate var isAboutTheServer: Bool { ["25", "53", "57", "58", "42", "40"].contains(errorClass) }
}

// MARK: - Service

extension PostgresStore: Service {
    /// Opens the store, again until it is in service, and ends its connections at shutdown.
    package func run() async throws {
        // Both end early only by cancellation, and then too the connections must be ended.
        try? await cancelWhenGracefulShutdown { try await self.keepOpening() }
        try? await gracefulShutdown()
        await close()
    }

    private func keepOpening() async throws {
        var delay = Self.retryDelays.first
        while await !open() {
            try await Task.sleep(for: delay * Double.random(in: 0.5...1))
            delay = min(delay * 2, Self.retryDelays.last)
        }
    }
}

// MARK: - Caches

extension PostgresStore: CacheableStore {
    package var repository: any CacheableStore.Repository { PostgresProductRepository(store: self) }
    package var notingRepository: any CacheableStore.Repository {
        PostgresProductRepository(store: self, notesWrites: true)
    }
    package var outbox: any CacheOutbox { PostgresCacheOutbox(store: self) }
}
