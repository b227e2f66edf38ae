// SPDX-License-Identifier: Apache-2.0

import CPostgres

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A connection of libpq, closed with the value. Once it is open, no call blocks. Used by one thread at a time.
struct ConnectionHandle: ~Copyable {
    private let connection: OpaquePointer

    /// Opens a connection and turns pipeline mode on. Blocks: for the name service as long as that does, for each
    /// address as long as `connect_timeout` says.
    ///
    /// Throws ``PostgresError/Code/connectionFailed``, with libpq's words, which name hosts and users and no password.
    static func open(_ parameters: [ConnectionParameter]) throws(PostgresError) -> ConnectionHandle {
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { for text in keywords + values { free(text) } }
        let opened = (keywords.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { keywords in
            (values.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { values in
                PQconnectdbParams(keywords.baseAddress, values.baseAddress, 0)
            }
        }
        guard let opened else { throw PostgresError(.connectionFailed, message: "out of memory") }
        // Notices would go to standard error.
        PQsetNoticeReceiver(opened, { _, _ in }, nil)
        let handle = ConnectionHandle(connection: opened)
        if !handle.isBroken, PQsetnonblocking(opened, 1) == 0, handle.enterPipelineMode() { return handle }
        let message = handle.errorMessage
        throw PostgresError(.connectionFailed, sqlState: sqlState(in: message), message: message, isRetriable: true)
    }

    /// - Parameter connection: Owned from here on.
    private init(connection: OpaquePointer) { self.connection = connection }

    deinit { PQfinish(connection) }

    /// libpq does not keep the SQLSTATE of a connection that was refused; its words are the server's, and known for
    /// those that an operator is to tell apart.
    private static func sqlState(in message: String) -> SQLState? {
        if message.contains("too many clients already") || message.contains("remaining connection slots") {
            return .tooManyConnections
        }
        if message.contains("session is read-only") { return .readOnlyTransaction }
        return message.contains("authentication failed") ? SQLState("28P01") : nil
    }

    var socket: Int32 { PQsocket(connection) }

    var errorMessage: String {
        var message = String(cString: PQerrorMessage(connection))
        while message.last?.isNewline == true { message.removeLast() }
        return message
    }

    var usesTLS: Bool { PQsslInUse(connection) == 1 }

    var isBroken: Bool { PQstatus(connection) != CONNECTION_OK }

    /// Whether the session is in no transaction.
    var isIdle: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// Ends the connection at once. Without this, closing would wait for a server that does not read.
    func abandon() { _ = shutdown(socket, Int32(SHUT_RDWR)) }

    // MARK: - Sending. Each returns false when the connection is broken.

    func prepare(_ name: String, sql: String, types: [PostgresType]) -> Bool {
        PQsendPrepare(connection, name, sql, Int32(types.count), types.map(\.objectID)) == 1
    }

    func execute(prepared name: String, with bindings: PostgresBindings) -> Bool {
        bindings.withParameters { count, values, lengths, formats in
            PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1) == 1
        }
    }

    func execute(sql: String, with bindings: PostgresBindings) -> Bool {
        let types = bindings.entries.map(\.type.objectID)
        return bindings.withParameters { count, values, lengths, formats in
            PQsendQueryParams(connection, sql, count, types, values, lengths, formats, 1) == 1
        }
    }

    /// Sets a sync point, and sends what has been gathered as far as the socket takes it.
    func sync() -> Bool { PQpipelineSync(connection) == 1 }

    /// Sends several statements without values, to be answered one by one. Only outside pipeline mode.
    func execute(script sql: String) -> Bool { PQsendQuery(connection, sql) == 1 }

    func enterPipelineMode() -> Bool { PQenterPipelineMode(connection) == 1 }

    func exitPipelineMode() -> Bool { PQexitPipelineMode(connection) == 1 }

    /// Sends what is left. Returns whether some still is; nil when the connection is broken.
    func flush() -> Bool? {
        switch PQflush(connection) {
        case 0: false
        case 1: true
        default: nil
        }
    }

    // MARK: - Receiving

    /// Reads what has arrived. Returns false when the connection is broken.
    func consumeInput() -> Bool { PQconsumeInput(connection) == 1 }

    /// Whether the next result is not here yet.
    var isBusy: Bool { PQisBusy(connection) == 1 }

    /// The next result, or nil at the end of a statement's. Would block while ``isBusy``.
    func nextResult() -> ResultHandle? { PQgetResult(connection).map { ResultHandle($0) } }
}

extension PostgresBindings {
    fileprivate typealias Parameters = (
        Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Bool

    /// Lends the values in the form that libpq takes them.
    fileprivate func withParameters(_ body: Parameters) -> Bool {
        let count = entries.count
        return bytes.withUnsafeBytes { bytes in
            // One byte that no value needs, so that an empty value has an address, too.
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count + 1) { values in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count + 1) { numbers in
                    let empty = UnsafeRawPointer(numbers.baseAddress)
                    for (index, entry) in entries.enumerated() {
                        let start = (bytes.baseAddress ?? empty)?.advanced(by: entry.offset)
                        values[index] = entry.count < 0 ? nil : start?.assumingMemoryBound(to: CChar.self)
                        numbers[index] = Int32(max(0, entry.count))
                        numbers[count + index] = 1
                    }
                    let lengths = UnsafePointer(numbers.baseAddress)
                    return body(Int32(count), UnsafePointer(values.baseAddress), lengths, lengths?.advanced(by: count))
                }
            }
        }
    }
}
