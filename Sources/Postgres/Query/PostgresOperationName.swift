// SPDX-License-Identifier: Apache-2.0

/// What a statement does: `db.operation.name` of the OpenTelemetry conventions, from a closed set.
public enum PostgresOperationName: String, Sendable, Hashable, CaseIterable {
    case select = "SELECT"
    case insert = "INSERT"
    case update = "UPDATE"
    case delete = "DELETE"
    case begin = "BEGIN"
    case commit = "COMMIT"
    case rollback = "ROLLBACK"
    case other = "OTHER"

    /// By the first word. One that begins with `with` is ``other``, unless its author says what it does.
    init(sql: String) {
        var letters: UInt64 = 0
        for byte in sql.utf8.drop(while: { $0 == 0x20 || $0 == 0x0a || $0 == 0x09 }).prefix(8) {
            let letter = byte | 0x20
            guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter) else { break }
            letters = letters << 8 | UInt64(letter)
        }
        self = Self.names[letters] ?? .other
    }

    private static let names = Dictionary(
        uniqueKeysWithValues: (allCases.map { ($0.rawValue.lowercased(), $0) }
            + [("start", .begin), ("end", .commit), ("abort", .rollback)])
            .map { word, name in (word.utf8.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, name) })

    /// Whether it is for transactions, which have a connection of their own.
    var controlsTransactions: Bool { self == .begin || self == .commit || self == .rollback }
}
