// SPDX-License-Identifier: Apache-2.0

import Chassis
import Postgres

/// Where the products are kept, and how.
struct DatabaseConfiguration: Sendable {
    enum Location: Sendable {
        /// An embedded database in a file.
        case sqlite(path: String)
        /// A PostgreSQL server.
        case postgres(PostgresConfiguration)
        /// In memory, until the process ends.
        case memory
    }

    let location: Location
    /// Whether the schema is brought up to date at start; else it is waited for.
    let migrates: Bool

    init(reading reader: inout ConfigurationReader) {
        let url = reader.value(Self.urlKey, as: .text)
        var given = Location.memory
        do throws(URLProblem) {
            given = try Self.location(url)
        } catch {
            reader.note(error.detail, about: Self.urlKey)
        }
        let passwordFile = reader.optional(Self.passwordFileKey, as: .text).map(SecretFile.init)
        let connectionCount = reader.value(Self.maximumConnectionsKey, as: .count(in: 1...1000))
        let statementTimeout = reader.value(
            Self.statementTimeoutKey, as: .duration(in: .milliseconds(100) ... .seconds(60)))
        migrates = reader.value(Self.migrateKey, as: .onOff)
        guard case .postgres(var configuration) = given else {
            location = given
            if passwordFile != nil {
                reader.note("is for a DATABASE_URL of postgres://… only: leave it unset", about: Self.passwordFileKey)
            }
            return
        }
        if let passwordFile {
            do {
                _ = try passwordFile.read()
            } catch {
                reader.note("\(error)", about: Self.passwordFileKey)
            }
            configuration.password = { try passwordFile.read() }
        }
        configuration.applicationName = "product-service"
        configuration.maximumConnectionCount = connectionCount
        configuration.statementTimeout = statementTimeout
        location = .postgres(configuration)
    }

    static let keys = [urlKey, passwordFileKey, migrateKey, maximumConnectionsKey, statementTimeoutKey]

    static let urlKey = ConfigurationKey(
        "database.url", default: "sqlite:./data/products.db", redaction: .credentialsOfURL,
        "Where the products are kept: sqlite:PATH, postgres://USER@HOST:PORT/NAME (several hosts, sslmode and all else that libpq takes), or memory: to lose them at the end."
    )
    private static let passwordFileKey = ConfigurationKey(
        "database.password.file", default: nil,
        "A file with PostgreSQL's password, not readable by everyone, read again for each new connection; outranks one in DATABASE_URL."
    )
    private static let migrateKey = ConfigurationKey(
        "database.migrate", default: "on",
        "on: bring PostgreSQL's schema up to date at start; off: wait until product-service migrate has done so.")
    private static let maximumConnectionsKey = ConfigurationKey(
        "database.max.connections", default: "8", "How many connections to PostgreSQL each replica may have open.")
    private static let statementTimeoutKey = ConfigurationKey(
        "database.statement.timeout", default: "2s",
        "How long PostgreSQL may work on one statement; keep it below HTTP_REQUEST_TIMEOUT.")

    /// What is wrong with a URL, without any of it.
    private struct URLProblem: Error {
        let detail: String
    }

    private static func location(_ url: String) throws(URLProblem) -> Location {
        if url == "memory:" { return .memory }
        if url.hasPrefix("sqlite:"), url.count > "sqlite:".count { return .sqlite(path: String(url.dropFirst(7))) }
        var detail = "must be sqlite:PATH, postgres://USER@HOST:PORT/NAME or memory:"
        do {
            if url.hasPrefix("postgres") { return .postgres(try PostgresConfiguration(url: url)) }
        } catch {
            detail += " (\(error.message))"
        }
        throw URLProblem(detail: detail)
    }
}
