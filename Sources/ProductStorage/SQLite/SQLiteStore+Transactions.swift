// SPDX-License-Identifier: Apache-2.0

import GRDB
import Logging
import Products
import Synchronization

extension SQLiteStore {
    /// How long a write may wait for those before it.
    private static let queueLimit = Duration.seconds(2)
    private static let failureLogInterval = Duration.seconds(10)

    /// Throws ``ProductError/unavailable(_:)``, or what `body` throws of the domain's errors.
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
    ///
    /// Throws ``ProductError/unavailable(_:)``, or what `body` throws of the domain's errors. Waits at most 250 ms for
    /// another process, however many writes wait behind one another.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(ProductError) -> Value {
        let (opened, impairment) = state.withLock { ($0.database, $0.impairment) }
        if let impairment { throw .unavailable(impairment) }
        guard let database = opened else { throw .unavailable(.notOpen) }
        let queued = ContinuousClock.now
        let value: Value
        do {
            value = try await database.pool.writeWithoutTransaction { connection in
                if self.hasWaitedEnough(since: queued) { throw ProductError.unavailable(.busy) }
                var value: Value?
                try connection.inTransaction(.immediate) {
                    value = try body(connection)
                    return .commit
                }
                guard let value else { throw ProductError.unavailable(.failed) }
                return value
            }
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

    /// Whether a write that has come to its turn is to give up: one before it has waited in vain for another process in
    /// the meantime, or its own wait was too long.
    private func hasWaitedEnough(since queued: ContinuousClock.Instant) -> Bool {
        if let lastBusy = state.withLock({ $0.lastBusy }), lastBusy > queued { return true }
        return ContinuousClock.now > queued + Self.queueLimit
    }
}

// MARK: - What goes wrong

extension SQLiteStore {
    private func domainError(_ error: any Error) -> ProductError {
        if let error = error as? ProductError { return error }
        let unavailability = StoreUnavailability(error)
        switch unavailability {
        case .corrupt, .readOnly: impair(unavailability)
        case .full, .failed: logFailure(error)
        case .busy: state.withLock { $0.lastBusy = .now }
        case .notOpen, .moved, .tooNew, .cancelled, .unreachable, .timedOut, .outcomeUnknown: break
        }
        return .unavailable(unavailability)
    }

    /// Notes what keeps the store from full service, and logs it when it is news.
    func impair(_ reason: StoreUnavailability, because error: (any Error)? = nil) {
        let isNews = state.withLock { state in
            defer { state.impairment = reason }
            return state.impairment != reason
        }
        guard isNews || error != nil else { return }
        var metadata: Logger.Metadata = ["path": "\(path)", "reason": "\(reason.rawValue)"]
        if let error { metadata.merge(Self.metadata(of: error)) { first, _ in first } }
        logger.error("the database is not in full service: \(reason.advice)", metadata: metadata)
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

    static func metadata(of error: any Error) -> Logger.Metadata {
        guard let error = error as? DatabaseError else { return ["error.type": "\(type(of: error))"] }
        return ["sqlite.code": "\(error.extendedResultCode.rawValue)", "error.message": "\(error.message ?? "")"]
    }
}

extension StoreUnavailability {
    /// What an operator is to do.
    fileprivate var advice: String {
        switch self {
        case .notOpen, .unreachable, .timedOut, .outcomeUnknown, .failed:
            "check that its folder exists and that the service may read and write it"
        case .busy: "another process holds it; find that process"
        case .full: "free space on its volume"
        case .readOnly: "reads are served, writes are refused; make the file and its folder writable"
        case .corrupt: "it is damaged and was left as it is; restore a backup and restart the service"
        case .moved: "its file was moved or removed; put it back and restart the service"
        case .tooNew: "a newer version of this service has written it; run that version or restore a backup"
        case .cancelled: "the operation was given up"
        }
    }
}
