// SPDX-License-Identifier: Apache-2.0

import Postgres
import PostgresTesting
import ServiceTesting
import Testing

@Suite struct `Migrations` {
    private static let first = PostgresMigration(
        number: 1, name: "first", sql: "create table a (n int); insert into a values (1);")
    private static let second = PostgresMigration(
        number: 2, name: "second",
        sql: """
            -- A body with semicolons of its own.
            create function f() returns int language plpgsql as $$ begin return 1; end $$;
            insert into a values (2)
            """)

    @Test func `are applied once each, in order, by one of many`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        #expect(try await PostgresMigrator([Self.first]).schema(of: pool) == .older(firstMissing: 1))
        #expect(try await PostgresMigrator([Self.first]).migrate(pool) == [1])
        let both = PostgresMigrator([Self.first, Self.second])
        #expect(try await both.schema(of: pool) == .older(firstMissing: 2))
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<5 { group.addTask { try await both.migrate(pool) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(applied.sorted { $0.count < $1.count } == [[], [], [], [], [2]])
        #expect(try await both.schema(of: pool) == .current)
        #expect(try await server.execute("select n from a") == "1\n2\n")
        #expect(try await PostgresMigrator([Self.first]).schema(of: pool) == .newer(2))
        await pool.close()
    }

    @Test func `may take longer than statements, and be waited for as long`() async throws {
        let server = try await PostgresServer.start()
        let slow = PostgresMigration(number: 1, name: "slow", sql: "select pg_sleep(4); create table a (n int);")
        var configuration = try PostgresConfiguration(url: server.url())
        configuration.statementTimeout = .seconds(1)
        let applied = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<2 {
                group.addTask { [configuration] in
                    let pool = try PostgresPool(configuration)
                    let numbers = try await PostgresMigrator([slow]).migrate(pool)
                    await pool.close()
                    return numbers
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(applied.sorted { $0.count < $1.count } == [[], [1]])
    }

    @Test func `do not hold others up behind a table that is in use`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        _ = try await PostgresMigrator([Self.first]).migrate(pool)
        let reader = Task { try await server.execute("begin; select * from a; select pg_sleep(60)") }
        try await wait(for: "the reader") {
            try await server.execute("select count(*) from pg_locks where relation = 'a'::regclass") == "1\n"
        }
        let change = PostgresMigration(number: 2, name: "change", sql: "alter table a add m int")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresMigrator([Self.first, change]).migrate(pool)
        }
        #expect(error?.sqlState == .lockNotAvailable)
        try await server.execute("select pg_terminate_backend(pid) from pg_locks where relation = 'a'::regclass")
        _ = try await reader.value
        #expect(try await PostgresMigrator([Self.first, change]).migrate(pool) == [2])
        await pool.close()
    }

    @Test func `that are all applied ask for no more than reading`() async throws {
        let server = try await PostgresServer.start()
        let owner = try PostgresPool(PostgresConfiguration(url: server.url()))
        _ = try await PostgresMigrator([Self.first]).migrate(owner)
        await owner.close()
        try await server.execute("create role reader login; grant select on schema_migrations to reader")
        let pool = try PostgresPool(PostgresConfiguration(url: server.url(user: "reader")))
        #expect(try await PostgresMigrator([Self.first]).migrate(pool) == [])
        await pool.close()
    }

    @Test func `are all applied or none, and one that fails says why`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        let broken = PostgresMigration(number: 2, name: "broken", sql: "create table b (n int); select nothing;")
        let error = await #expect(throws: PostgresError.self) {
            try await PostgresMigrator([Self.first, broken]).migrate(pool)
        }
        #expect(error?.sqlState == SQLState("42703"))
        #expect(try await server.execute("select to_regclass('a') is null and to_regclass('b') is null") == "t\n")
        #expect(try await PostgresMigrator([Self.first, Self.second]).migrate(pool) == [1, 2])
        await pool.close()
    }

    @Test func `that were edited after they were applied are refused`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        _ = try await PostgresMigrator([Self.first]).migrate(pool)
        let edited = PostgresMigrator([PostgresMigration(number: 1, name: "first", sql: "create table c (n int)")])
        #expect(try await edited.schema(of: pool) == .changed(1))
        let error = await #expect(throws: PostgresError.self) { try await edited.migrate(pool) }
        #expect(error?.code == .schema)
        await pool.close()
    }
}
