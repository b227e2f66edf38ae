// SPDX-License-Identifier: Apache-2.0

/// The names of the statements that a connection has prepared, by their SQL and the types of their parameters. Bounded:
/// when it is full, everything is forgotten, and prepared anew as it is needed.
struct StatementCache {
    enum Lookup {
        case prepared(String)
        /// To be prepared under this name.
        case new(String)
        /// To be prepared under this name, once the connection has been told to forget all others.
        case newAfterReset(String)
    }

    private struct Statement {
        let types: [PostgresType]
        let name: String
    }

    private var statements: [String: [Statement]] = [:]
    private var count = 0
    private var lastNumber = 0

    static let capacity = 256

    /// The name for a statement with such values: the server reads their bytes by the types it was prepared with.
    mutating func name(for query: PostgresQuery) -> Lookup {
        let entries = query.bindings.entries
        if let known = statements[query.sql]?.first(where: { $0.types.elementsEqual(entries.lazy.map(\.type)) }) {
            return .prepared(known.name)
        }
        let isFull = count == Self.capacity
        if isFull { (statements, count) = ([:], 0) }
        count += 1
        lastNumber += 1
        let name = "s\(lastNumber)"
        statements[query.sql, default: []].append(Statement(types: entries.map(\.type), name: name))
        return isFull ? .newAfterReset(name) : .new(name)
    }

    /// Has statements of this SQL be prepared anew, under other names.
    mutating func forget(_ sql: String) { count -= statements.removeValue(forKey: sql)?.count ?? 0 }
}
