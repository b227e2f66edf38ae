// SPDX-License-Identifier: Apache-2.0

/// A statement with its values. What is interpolated becomes a bound parameter, never part of the SQL.
///
/// ```swift
/// let query: PostgresQuery = "select name from products where id = \(id) and price <= \(limit)"
/// ```
///
/// Statements are prepared on each connection that they are sent on, by their SQL: write them so that only values vary.
/// At most 65,535 values.
public struct PostgresQuery: Sendable {
    /// The SQL, with `$1`, `$2`, … where values go.
    public private(set) var sql: String
    private(set) var bindings = PostgresBindings()
    /// What it does, for `db.operation.name` of metrics and spans.
    public var operation: PostgresOperationName

    /// Creates a statement of SQL that the program itself put together. Never of input: interpolate that.
    public init(unescaped sql: String) {
        self.sql = sql
        operation = PostgresOperationName(sql: sql)
    }

    /// A statement that does nothing yet, to be appended to.
    private init() {
        sql = ""
        operation = .other
    }

    /// Appends another statement's text and values: how conditions are put together.
    public mutating func append(_ other: PostgresQuery) {
        var rest = other.sql.utf8[...]
        var position = 0
        for (number, entry) in other.bindings.entries.enumerated() {
            sql += String(rest.prefix(entry.placeholder - position)) ?? ""
            rest = rest.dropFirst(entry.placeholder - position + "$\(number + 1)".utf8.count)
            position = entry.placeholder + "$\(number + 1)".utf8.count
            bindings.append(entry, of: other.bindings, placeholder: sql.utf8.count)
            sql += "$\(bindings.entries.count)"
        }
        sql += String(rest) ?? ""
    }

    public static func + (left: PostgresQuery, right: PostgresQuery) -> PostgresQuery {
        var sum = left
        sum.append(right)
        return sum
    }
}

extension PostgresQuery: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self.init(unescaped: value) }

    public init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.query
        operation = PostgresOperationName(sql: sql)
    }

    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var query: PostgresQuery

        public init(literalCapacity: Int, interpolationCount: Int) {
            query = PostgresQuery()
            query.sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { query.sql += literal }

        /// Binds a value.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            appendInterpolation(Optional(value))
        }

        /// Binds a value, or `null`.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            query.bindings.append(value, placeholder: query.sql.utf8.count)
            query.sql += "$"
            query.sql += String(query.bindings.entries.count)
        }

        /// Takes in another statement's text and values.
        public mutating func appendInterpolation(_ other: PostgresQuery) { query.append(other) }

        /// Takes in text as it is: names of tables and columns that the program itself chose. Never input.
        public mutating func appendInterpolation(unescaped sql: String) { query.sql += sql }
    }
}
