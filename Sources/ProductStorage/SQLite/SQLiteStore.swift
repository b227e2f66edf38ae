// SPDX-License-Identifier: Apache-2.0

import GRDB
package import Logging
package import Products
import ServiceLifecycle
import Synchronization

/// Holds the embedded database open while the service runs, and knows what state it is in.
///
/// A file that cannot be opened, or only be read, is tried again, at first every second and at last every thirty. A
/// damaged, replaced or removed file is never recreated: writes are refused, and the store reports that it is not
/// ready, until an operator has put the file right and restarted the service. Thread-safe.
package final class SQLiteStore: Sendable {
    struct State {
        var database: SQLiteDatabase?
        /// What keeps the store from full service; nil when nothing does.
        var impairment: StoreUnavailability? = .notOpen
        /// Whether the schema has ever been found in place.
        var hasOpened = false
        /// When a write last gave up waiting for another process.
        var lastBusy: ContinuousClock.Instant?
        var lastFailureLogged: ContinuousClock.Instant?
    }

    let path: String
    let logger: Logger
    let state = Mutex(State())
    private let access: SQLiteDatabase.Access

    private static let integrityCheckLimit = Duration.seconds(2)
    private static let retryDelays = (first: Duration.seconds(1), last: Duration.seconds(30))

    /// - Parameter isReadOnly: Whether to open the file for reading only, and to create and change nothing.
    package init(path: String, isReadOnly: Bool = false, logger: Logger) {
        self.path = path
        access = isReadOnly ? .reading : .writing
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

    /// Asks the store as a request would: what keeps it from answering, nil when it answers.
    package func check() async -> StoreUnavailability? {
        if let impairment = impairment() { return impairment }
        do {
            try await read { try $0.execute(sql: "select sequence from products limit 1") }
            return nil
        } catch .unavailable(let reason) {
            return reason
        } catch {
            return .failed
        }
    }

    /// Whether the store has once been open with its schema in place, whatever has become of it since.
    package var hasOpened: Bool { state.withLock { $0.hasOpened } }

    /// Opens the database, in the place of one that is open already. Returns whether it is in full service.
    @discardableResult
    package func open() async -> Bool {
        // The file that was open before is not to be taken for one that has yet to be created.
        if let opened = state.withLock({ $0.database?.file }), SQLiteFile(at: path) != opened {
            impair(.moved)
            return false
        }
        do {
            let database = try await SQLiteDatabase.open(at: path, for: access)
            state.withLock {
                $0.database = database
                $0.hasOpened = true
            }
            if database.isReadOnly, access == .writing {
                impair(.readOnly)
                return false
            }
            if try await !database.checkIntegrity(within: Self.integrityCheckLimit) {
                logger.info(
                    "the database is too large to be checked for damage at start", metadata: ["path": "\(path)"])
            }
            // A request may have met damage meanwhile that the check did not come to.
            guard mayRecover else { return false }
            state.withLock { $0.impairment = nil }
            logger.info("database open", metadata: ["path": "\(path)"])
            return true
        } catch is CancellationError {
            return false
        } catch SQLiteOpenError.damaged {
            impair(.corrupt)
        } catch SQLiteOpenError.schemaTooNew {
            impair(.tooNew)
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

// MARK: - Service

extension SQLiteStore: Service {
    /// Opens the database, again whenever that may bring it back to full service, and closes it at shutdown.
    package func run() async throws {
        // Both end early only by cancellation, and then too the database must be closed.
        try? await cancelWhenGracefulShutdown { try await self.keepOpen() }
        try? await gracefulShutdown()
        close()
    }

    private func keepOpen() async throws {
        var delay = Self.retryDelays.first
        while mayRecover {
            if await open() { delay = Self.retryDelays.first }
            repeat {
                try await Task.sleep(for: delay)
            } while state.withLock({ $0.impairment == nil })
            delay = min(delay * 2, Self.retryDelays.last)
        }
    }

    /// Whether opening the file again can help without an operator's restart.
    private var mayRecover: Bool {
        switch state.withLock({ $0.impairment }) {
        case .corrupt, .moved, .tooNew: false
        default: true
        }
    }
}

// MARK: - Caches

extension SQLiteStore: CacheableStore {
    package var repository: any CacheableStore.Repository { SQLiteProductRepository(store: self) }
    package var notingRepository: any CacheableStore.Repository {
        SQLiteProductRepository(store: self, notesWrites: true)
    }
    package var outbox: any CacheOutbox { SQLiteCacheOutbox(store: self) }
}
