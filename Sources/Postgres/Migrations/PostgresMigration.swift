// SPDX-License-Identifier: Apache-2.0

/// One step of a schema: SQL that is applied once. Never edited once it has been released.
public struct PostgresMigration: Sendable {
    /// Its place in the order, from 1.
    public let number: Int
    public let name: String
    /// One or more statements, separated by semicolons. They run in one transaction with the migrations around them, so
    /// that what cannot (`create index concurrently`) has no place here.
    public let sql: String

    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}
