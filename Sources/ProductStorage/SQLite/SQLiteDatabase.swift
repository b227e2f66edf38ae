// SPDX-License-Identifier: Apache-2.0

import Dispatch
import GRDB
import Products

/// An open SQLite database: one writer and several readers over a write-ahead log.
///
/// A transaction that has committed is on the disk (`synchronous = full`). Waits for another process's lock at most
/// 250 ms. All of SQLite's work runs on GRDB's own queues, never on an event loop or on Swift's cooperative threads.
struct SQLiteDatabase {
    let pool: DatabasePool
    /// The file that was opened.
    let file: SQLiteFile
    let isReadOnly: Bool

    private static let readerCount = 4
    private static let busyTimeout = 0.25

    /// What a database is opened for.
    enum Access: Sendable {
        case reading
        case writing
    }

    /// Opens the file.
    ///
    /// For writing: creates it when there is none, brings its schema up to date, and falls back to reading when the
    /// file may not be written. For reading: creates and changes nothing. Never replaces or empties a file that is
    /// there.
    static func open(at path: String, for access: Access) async throws -> SQLiteDatabase {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { access == .reading ? try openForReading(at: path) : try openForWriting(at: path) })
            }
        }
    }

    private static func openForWriting(at path: String) throws -> SQLiteDatabase {
        let existed = SQLiteFile(at: path) != nil
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(readOnly: false))
            // GRDB sets NORMAL when it turns the write-ahead log on, which loses the last commits on a power failure.
            try pool.writeWithoutTransaction { try $0.execute(sql: "pragma synchronous = full") }
            try refuseNewerSchema(in: pool)
            try SQLiteSchema.migrator.migrate(pool)
            // SQLite opens a file that may not be written without a word, and says so when a write begins.
            try pool.write { _ in }
            return try SQLiteDatabase(pool: pool, path: path, isReadOnly: false)
        } catch let error as DatabaseError where existed && isRefusedWrite(error) {
            return try openForReading(at: path)
        }
    }

    private static func openForReading(at path: String) throws -> SQLiteDatabase {
        let pool = try DatabasePool(path: path, configuration: configuration(readOnly: true))
        try refuseNewerSchema(in: pool)
        guard try pool.read(SQLiteSchema.migrator.hasCompletedMigrations) else { throw SQLiteOpenError.schemaTooOld }
        return try SQLiteDatabase(pool: pool, path: path, isReadOnly: true)
    }

    private init(pool: DatabasePool, path: String, isReadOnly: Bool) throws {
        guard let file = SQLiteFile(at: path) else { throw SQLiteOpenError.fileRemoved }
        self.pool = pool
        self.file = file
        self.isReadOnly = isReadOnly
    }

    private static func configuration(readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = "products"
        configuration.readonly = readOnly
        configuration.maximumReaderCount = readerCount
        configuration.busyMode = .timeout(busyTimeout)
        return configuration
    }

    private static func isRefusedWrite(_ error: DatabaseError) -> Bool {
        error.resultCode == .SQLITE_READONLY || error.resultCode == .SQLITE_CANTOPEN
    }

    private static func refuseNewerSchema(in pool: DatabasePool) throws {
        if try pool.read(SQLiteSchema.migrator.hasBeenSuperseded) { throw SQLiteOpenError.schemaTooNew }
    }

    /// Moves what the log holds into the file, so that a copy of the file alone is whole, and closes.
    ///
    /// - Parameter checkpoint: False to leave the file as it is, as one that is damaged must be.
    func close(checkpoint: Bool) throws {
        if checkpoint, !isReadOnly { try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
        try pool.close()
    }

    /// Looks for damage with `pragma quick_check`, for at most `limit`. Returns false when the time did not suffice.
    /// Throws ``SQLiteOpenError/damaged`` when there is damage.
    func checkIntegrity(within limit: Duration) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { [pool] in
                let verdict = try await pool.read { try String.fetchOne($0, sql: "pragma quick_check(1)") }
                guard verdict == "ok" else { throw SQLiteOpenError.damaged }
                return true
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }
}

/// Why a database file that could be opened is not used.
enum SQLiteOpenError: Error {
    case damaged
    case schemaTooNew
    /// It may not be written, and so not be brought up to date.
    case schemaTooOld
    case fileRemoved
}
