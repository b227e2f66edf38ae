// SPDX-License-Identifier: Apache-2.0

/// Brings a database's schema up to date: applies what is missing of a list of migrations, in order.
///
/// What has been applied stands in the table `schema_migrations`, with a checksum of its SQL. Of several programs that
/// start at once, one migrates, and the others wait for it: an advisory lock makes sure.
public struct PostgresMigrator: Sendable {
    private let migrations: [PostgresMigration]
    private let lock: Int64

    private static let lockTimeout = "500ms"

    /// What a database says of its schema.
    public enum Schema: Sendable, Hashable {
        case current
        /// Migrations from this number on are missing; 1 when there is no schema at all.
        case older(firstMissing: Int)
        /// A migration of this number has been applied that this program does not know.
        case newer(Int)
        /// The migration of this number is not the one that was applied.
        case changed(Int)
    }

    /// - Parameters:
    ///   - migrations: In order; their numbers ascend from 1 without a gap.
    ///   - lock: The key of the advisory lock: any number that nothing else in the database uses.
    public init(_ migrations: [PostgresMigration], lock: Int64 = 0x6d69_6772_6174_65) {
        precondition(migrations.map(\.number) == Array(1..<migrations.count + 1), "migrations are numbered 1, 2, 3, …")
        self.migrations = migrations
        self.lock = lock
    }

    /// Compares the database's schema with the migrations. Changes nothing.
    public func schema(of pool: PostgresPool) async throws(PostgresError) -> Schema {
        let table = try await pool.read("select to_regclass('schema_migrations') is not null")
        guard try table[0].decode(Bool.self, at: 0) else { return .older(firstMissing: 1) }
        return try await compare(with: pool.read(applied))
    }

    /// Applies the migrations that are missing, all or none. Returns their numbers; none when there was nothing to do.
    ///
    /// Throws ``PostgresError/Code/schema`` when the schema is newer than the migrations, or was made by others, and
    /// with ``SQLState/lockNotAvailable`` when a table is in use for longer than half a second: try again later.
    ///
    /// - Parameter timeout: How long to wait for another program that migrates, and how long each migration may take.
    public func migrate(_ pool: PostgresPool, timeout: Duration = .seconds(300)) async throws -> [Int] {
        // Whoever may read only, as a service whose schema another program migrates, is not asked for more.
        let before = try await schema(of: pool)
        try Self.refuse(before)
        if before == .current { return [] }
        return try await pool.withTransaction { transaction in
            let milliseconds = Int(timeout / .milliseconds(1))
            try await transaction.execute(
                "select set_config('statement_timeout', \(String(milliseconds)), true)")
            try await transaction.execute("select pg_advisory_xact_lock(\(lock))", timeout: timeout)
            // A change of a table that waits for one reader holds up all that come behind it: better to come again.
            try await transaction.execute("select set_config('lock_timeout', \(Self.lockTimeout), true)")
            try await transaction.execute(
                """
                create table if not exists schema_migrations (
                    number integer primary key,
                    name text not null,
                    checksum text not null,
                    applied_at timestamptz not null default now()
                )
                """)
            let schema = try compare(with: await transaction.execute(applied))
            try Self.refuse(schema)
            guard case .older(let first) = schema else { return [] }
            for migration in migrations[(first - 1)...] {
                try await transaction.execute(script: migration.sql, timeout: timeout)
                try await transaction.execute(
                    """
                    insert into schema_migrations (number, name, checksum)
                    values (\(migration.number)::int8, \(migration.name), \(checksum(of: migration)))
                    """)
            }
            return Array(first...migrations.count)
        }
    }

    private static func refuse(_ schema: Schema) throws(PostgresError) {
        switch schema {
        case .current, .older: return
        case .newer(let number):
            throw PostgresError(.schema, message: "migration \(number) is of a newer version of this program")
        case .changed(let number):
            throw PostgresError(.schema, message: "migration \(number) is not the one that was applied")
        }
    }

    /// What has been applied, and whether it is what we know by the number.
    private var applied: PostgresQuery {
        let known: PostgresQuery =
            "unnest(\(migrations.map(\.number)), \(migrations.map(\.sql))) as known (number, sql)"
        return """
            select applied.number, applied.checksum = encode(sha256(convert_to(known.sql, 'UTF8')), 'hex')
            from schema_migrations applied left join \(known) on known.number = applied.number
            order by applied.number
            """
    }

    private func checksum(of migration: PostgresMigration) -> PostgresQuery {
        "encode(sha256(convert_to(\(migration.sql), 'UTF8')), 'hex')"
    }

    private func compare(with rows: PostgresRows) throws(PostgresError) -> Schema {
        var next = 1
        for row in rows {
            let (number, isSame) = try row.decode(as: (Int, Bool?).self)
            if number > migrations.count { return .newer(number) }
            if isSame != true { return .changed(number) }
            if number != next { return .older(firstMissing: next) }
            next += 1
        }
        return next > migrations.count ? .current : .older(firstMissing: next)
    }
}
