// SPDX-License-Identifier: Apache-2.0

import Postgres
import PostgresTesting
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
