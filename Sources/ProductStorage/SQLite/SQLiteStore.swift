// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Logging
package import Products
import ServiceLifecycle
import Synchronization

/// Holds the embedded database open while the service runs, and knows what state it is in.
///
/// A file that cannot be opened is tried again, at first every second and at last every thirty. A damaged, replaced or
/// removed file is never recreated: writes are refused, and the store reports that it is not ready, until an operator
/// has put the file right and restarted the service. Thread-safe.
package final class SQLiteStore: Sendable {
    private struct State {
        var database: SQLiteDatabase?
        /// What keeps the store from full service; nil when nothing does.
        var impairment: StoreUnavailability? = .notOpen
        /// Whether it has ever been in full service.
        var hasOpened = false
        var lastFailureLogged: ContinuousClock.Instant?
    }

    private let path: String
    private let logger: Logger
    private let state = Mutex(State())

    private static let integrityCheckLimit = Duration.seconds(2)
    private static let failureLogInterval = Duration.seconds(10)
    private static let retryDelays = (first: Duration.seconds(1), last: Duration.seconds(30))

    package init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
    }

    /// What keeps the store from answering everything; nil when it is in full service.
    package func impairment() -> StoreUnavailability? {
        let (database, impairment) = state.withLock { ($0.database, $0.impairment) }
        guard impairment == nil, let database else { return impairment }
        if SQLiteFile(at: path) == database.file { return nil }
        impair(.moved)
        return .moved
    }

    /// Whether the store has been in full service, whatever has become of it since.
    package var hasOpened: Bool { state.withLock { $0.hasOpened } }

    /// Opens the database unless it is open for writing already. Returns whether it is in full service.
    @discardableResult
    package func open() async -> Bool {
        do {
            let database = try await SQLiteDatabase.open(at: path)
            state.withLock { $0.database = database }
            if database.isReadOnly {
                impair(.readOnly)
                return false
            }
            if try await !database.checkIntegrity(within: Self.integrityCheckLimit) {
                logger.info(
                    "the database is too large to be checked for damage at start", metadata: ["path": "\(path)"])
            }
            state.withLock {
                $0.impairment = nil
                $0.hasOpened = true
            }
            logger.info("database open", metadata: ["path": "\(path)"])
            return true
        } catch is CancellationError {
            return false
        } catch SQLiteOpenError.damaged {
            impair(.corrupt)
        } catch SQLiteOpenError.schemaTooNew {
            logger.error(
                "the database was written by a newer version of this service: run that version or restore a backup",
                metadata: ["path": "\(path)"])
        } catch {
            impair(StoreUnavailability(error), because: error)
        }
        return false
    }

    /// Closes the database, its log folded into its file unless that is damaged.
    package func close() {
        let closing = state.withLock { state in
            defer { state = State() }
            return state
        }
        do {
            try closing.database?.close(checkpoint: closing.impairment == nil)
        } catch {
            // The write-ahead log keeps what was committed: the next start finds it there.
            logger.notice("the database was not closed in order", metadata: Self.metadata(of: error))
        }
    }
}

// MARK: - Transactions

extension SQLiteStore {
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(ProductError) -> Value {
        guard let database = state.withLock({ $0.database }) else { throw .unavailable(.notOpen) }
        do {
            return try await database.pool.read(body)
        } catch {
            throw domainError(error)
        }
    }

    /// Runs `body` in a transaction. When it returns, the transaction is on the disk.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(ProductError) -> Value {
        let (opened, impairment) = state.withLock { ($0.database, $0.impairment) }
        if let impairment { throw .unavailable(impairment) }
        guard let database = opened else { throw .unavailable(.notOpen) }
        let value: Value
        do {
            value = try await database.pool.write(body)
        } catch {
            throw domainError(error)
        }
        // A commit to a file that is no longer at its path would be lost at the next start.
        if SQLiteFile(at: path) != database.file {
            impair(.moved)
            throw .unavailable(.moved)
        }
        return value
    }

    private func domainError(_ error: any Error) -> ProductError {
        if let error = error as? ProductError { return error }
        let unavailability = StoreUnavailability(error)
        switch unavailability {
        case .corrupt: impair(.corrupt)
        case .full, .readOnly, .failed: logFailure(error)
        case .notOpen, .busy, .moved, .cancelled:
            logger.debug("a database operation failed: \(unavailability.rawValue)")
        }
        return .unavailable(unavailability)
    }

    /// Logs a failure, but not each of many.
    private func logFailure(_ error: any Error) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            if let last = state.lastFailureLogged, now < last + Self.failureLogInterval { return false }
            state.lastFailureLogged = now
            return true
        }
        if isDue { logger.error("database operations fail", metadata: Self.metadata(of: error)) }
    }

    private static func metadata(of error: any Error) -> Logger.Metadata {
        guard let error = error as? DatabaseError else { return ["error.type": "\(type(of: error))"] }
        return ["sqlite.code": "\(error.extendedResultCode)", "error.message": "\(error.message ?? "")"]
    }

    /// Notes what keeps the store from full service, and logs it when it is news.
    private func impair(_ reason: StoreUnavailability, because error: (any Error)? = nil) {
        let isNews = state.withLock { state in
            defer { state.impairment = reason }
            return state.impairment != reason
        }
        guard isNews || error != nil else { return }
        var metadata: Logger.Metadata = ["path": "\(path)", "reason": "\(reason.rawValue)"]
        if let error { metadata.merge(Self.metadata(of: error)) { first, _ in first } }
        logger.error("the database is not in full service: \(Self.advice(for: reason))", metadata: metadata)
    }

    private static func advice(for reason: StoreUnavailability) -> String {
        switch reason {
        case .notOpen, .failed: "check that its folder exists and that the service may read and write it"
        case .busy: "another process holds it; find that process"
        case .full: "free space on its volume"
        case .readOnly: "reads are served, writes are refused; make the file and its folder writable"
        case .corrupt: "it is damaged and was left as it is; restore a backup and restart the service"
        case .moved: "its file was moved or removed; put it back and restart the service"
        case .cancelled: "the operation was given up"
        }
    }
}

// MARK: - Service

extension SQLiteStore: Service {
    /// Opens the database, trying again until it is in full service, and closes it at shutdown.
    package func run() async throws {
        // Both end early only by cancellation, and then too the database must be closed.
        try? await cancelWhenGracefulShutdown { try await self.openWithRetries() }
        try? await gracefulShutdown()
        close()
    }

    private func openWithRetries() async throws {
        var delay = Self.retryDelays.first
        while await !open(), mayRecover {
            try await Task.sleep(for: delay)
            delay = min(delay * 2, Self.retryDelays.last)
        }
    }

    /// Whether opening the file again can help without an operator's restart.
    private var mayRecover: Bool {
        switch state.withLock({ $0.impairment }) {
        case nil, .corrupt, .moved: false
        default: true
        }
    }
}
