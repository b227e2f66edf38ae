// SPDX-License-Identifier: Apache-2.0

/// The names of the statements that a connection has prepared, by their SQL. Bounded: statements beyond its capacity
/// are sent without being prepared.
struct StatementCache {
    enum Lookup {
        case prepared(String)
        /// To be prepared under this name.
        case new(String)
        /// There is no room.
        case unprepared
    }

    private var names: [String: String] = [:]
    private var count = 0

    static let capacity = 256

    mutating func name(for sql: String) -> Lookup {
        if let name = names[sql] { return .prepared(name) }
        guard names.count < Self.capacity else { return .unprepared }
        count += 1
        let name = "s\(count)"
        names[sql] = name
        return .new(name)
    }

    /// Has a statement be prepared anew, under another name.
    mutating func forget(_ sql: String) { names[sql] = nil }
}
