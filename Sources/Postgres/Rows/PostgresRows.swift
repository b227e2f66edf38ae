// SPDX-License-Identifier: Apache-2.0

/// What a statement returned: all of its rows, in memory. Thread-safe.
public struct PostgresRows: Sendable, RandomAccessCollection {
    /// Nil for the rows of several statements at once, which are not kept.
    private let result: ResultHandle?

    init(_ result: ResultHandle) { self.result = result }

    private init() { result = nil }

    /// No rows.
    static let none = PostgresRows()

    public var startIndex: Int { 0 }
    public var endIndex: Int { result?.rowCount ?? 0 }

    public subscript(position: Int) -> PostgresRow {
        guard let result, indices.contains(position) else { preconditionFailure("there is no row \(position)") }
        return PostgresRow(result: result, index: position)
    }

    /// How many rows the statement inserted, changed, removed or returned.
    public var affectedRowCount: Int { result?.affectedRowCount ?? 0 }

    /// What the server says the statement did.
    var commandTag: String { result?.commandTag ?? "" }
}
