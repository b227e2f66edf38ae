// SPDX-License-Identifier: Apache-2.0

import CPostgres

/// One result of libpq, freed with the value.
///
/// `@unchecked Sendable`: libpq does not change a result once it has handed it over, and nothing here does, so that any
/// number of threads may read it (libpq documentation, section 34.19); it is freed when the last of them lets go.
final class ResultHandle: @unchecked Sendable {
    /// What kind of result it is.
    enum Status {
        /// Rows, of which there may be none.
        case rows
        /// A statement without rows has been done.
        case done
        case failed
        /// Not done because one before it in the pipeline failed.
        case aborted
        /// Everything before the sync point has been answered.
        case sync
        /// The server has begun to copy, and would go on for ever.
        case copy
    }

    private let result: OpaquePointer

    /// - Parameter result: Owned from here on.
    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var status: Status {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE: .rows
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .done
        case PGRES_PIPELINE_SYNC: .sync
        case PGRES_PIPELINE_ABORTED: .aborted
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failed
        }
    }

    var rowCount: Int { Int(PQntuples(result)) }
    var columnCount: Int { Int(PQnfields(result)) }

    /// How many rows the statement touched.
    var affectedRowCount: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// What the server says it did: `INSERT 0 1`, `COMMIT`.
    var commandTag: String { String(cString: PQcmdStatus(result)) }

    func type(ofColumn column: Int) -> PostgresType { PostgresType(objectID: PQftype(result, Int32(column))) }

    /// The bytes of a value, valid as long as this result; nil for `null`.
    func value(row: Int, column: Int) -> UnsafeRawBufferPointer? {
        if PQgetisnull(result, Int32(row), Int32(column)) != 0 { return nil }
        let count = Int(PQgetlength(result, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(result, Int32(row), Int32(column)), count: count)
    }

    /// The error that a failed result stands for.
    var error: PostgresError {
        let state = field(CChar(UInt8(ascii: "C"))).map { SQLState($0) }
        return PostgresError(
            state == nil ? .connectionLost : .server, sqlState: state,
            message: field(CChar(UInt8(ascii: "M"))) ?? String(cString: PQresultErrorMessage(result)),
            constraint: field(CChar(UInt8(ascii: "n"))))
    }

    /// A field of an error, by the letters of the protocol's "Error and Notice Message Fields".
    private func field(_ code: CChar) -> String? {
        PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
    }
}
