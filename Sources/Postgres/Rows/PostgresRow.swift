// SPDX-License-Identifier: Apache-2.0

/// A row of a result. Thread-safe.
public struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

    public var columnCount: Int { result.columnCount }

    /// Reads one column, counted from 0.
    ///
    /// Throws ``PostgresError/Code/decoding`` when there is no such column, when it is of another type, or `null` where
    /// `Value` is not an optional.
    public func decode<Value: PostgresDecodable>(
        _: Value.Type = Value.self, at column: Int
    ) throws(PostgresError) -> Value {
        guard (0..<result.columnCount).contains(column) else {
            throw PostgresError(.decoding, message: "there is no column \(column)")
        }
        // The bytes are the result's.
        defer { withExtendedLifetime(result) {} }
        guard let bytes = result.value(row: index, column: column) else { return try Value.decodingNull() }
        return try Value(decoding: PostgresValue(type: result.type(ofColumn: column), bytes: bytes))
    }

    /// Reads the first columns.
    ///
    /// ```swift
    /// let (id, name) = try row.decode(as: (UUID, String).self)
    /// ```
    ///
    /// Throws as ``decode(_:at:)``.
    public func decode<each Value: PostgresDecodable>(
        as _: (repeat each Value).Type = (repeat each Value).self
    ) throws(PostgresError) -> (repeat each Value) {
        var column = -1
        func next<Next: PostgresDecodable>(_: Next.Type) throws(PostgresError) -> Next {
            column += 1
            return try decode(Next.self, at: column)
        }
        return (repeat try next((each Value).self))
    }
}
