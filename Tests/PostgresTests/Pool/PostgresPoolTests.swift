// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Synchronization
import Testing

@testable import Postgres

@Suite struct `A pool` {
    /// Runs `body` with a server and a pool of its own.
    private func withPool(
        _ change: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (PostgresServer, PostgresPool) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.start()
        var configuration = try PostgresConfiguration(url: server.url())
        // Long enough for a machine that has other tests to run at the same time.
        configuration.waitLimit = .seconds(20)
        configuration.statementTimeout = .seconds(20)
        change(&configuration)
        let pool = try PostgresPool(configuration)
        try await body(server, pool)
        await pool.close()
    }

    @Test func `runs statements, values bound, and decodes what comes back`() async throws {
        try await withPool { _, pool async throws in
            let id = UUID()
            let rows = try await pool.read("select \(id), \(42) + 1, \("it's") || 'x', \(Optional<Int>.none)")
            let (uuid, sum, text, none) = try rows[0].decode(as: (UUID, Int, String, Int?).self)
            #expect(uuid == id && sum == 43 && text == "it'sx" && none == nil)
            #expect(try await pool.execute("create table x (id int)").isEmpty)
            #expect(try await pool.execute("insert into x values (1), (2)").affectedRowCount == 2)
        }
    }

    @Test func `a statement that fails takes none of those with it that share its sync point`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            let outcomes = await withTaskGroup(of: (Int, Result<Int, PostgresError>).self) { group in
                for number in 0..<400 {
                    group.addTask {
                        do throws(PostgresError) {
                            let query: PostgresQuery =
                                number % 7 == 0 ? "select \(number) / (\(number) - \(number))" : "select \(number)"
                            return (number, .success(try await pool.read(query)[0].decode(at: 0)))
                        } catch {
                            return (number, .failure(error))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (number, outcome) in outcomes {
                switch outcome {
                case .success(let value): #expect(value == number && number % 7 != 0)
                case .failure(let error):
                    #expect(error.sqlState == SQLState("22012") && number % 7 == 0, "\(number): \(error)")
                }
            }
        }
    }

    @Test func `SQL that is wrong is an error of its own each time, and the next statement is not`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            for _ in 0..<3 {
                let read = await #expect(throws: PostgresError.self) { try await pool.read("select nothing") }
                #expect(read?.sqlState == SQLState("42703") && read?.isRetriable == false)
                let write = await #expect(throws: PostgresError.self) { try await pool.execute("insert nothing") }
                #expect(write?.sqlState == SQLState("42601"))
                #expect(try await pool.read("select 1").count == 1)
            }
        }
    }

    @Test func `a deferred constraint that fails at the commit is the statement's failure`() async throws {
        try await withPool { server, pool async throws in
            try await pool.execute("create table x (id int unique deferrable initially deferred)")
            try await pool.execute("insert into x values (1)")
            let error = await #expect(throws: PostgresError.self) { try await pool.execute("insert into x values (1)") }
            #expect(error?.sqlState == .uniqueViolation && error?.constraint == "x_id_key")
            #expect(try await server.execute("select count(*) from x") == "1\n")
        }
    }

    @Test func `prepared statements survive a change of what they return`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            try await pool.execute("create table x (id int)")
            try await pool.execute("insert into x values (1)")
            for type in ["bigint", "text", "int8 using id::int8"] {
                #expect(try await pool.read("select * from x").count == 1)
                try await pool.execute(PostgresQuery(unescaped: "alter table x alter id type \(type)"))
                #expect(try await pool.read("select * from x").count == 1, "as \(type)")
                #expect(try await pool.execute("update x set id = id returning *").count == 1)
            }
        }
    }

    @Test func `more statements than are prepared work as well, and no more are prepared`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            for number in 0..<StatementCache.capacity + 50 {
                let query = PostgresQuery(unescaped: "select \(number)") + ", \(number)"
                #expect(try await pool.read(query)[0].decode(Int.self, at: 1) == number)
            }
            let count: Int = try await pool.read("select count(*) from pg_prepared_statements")[0].decode(at: 0)
            #expect((1...StatementCache.capacity + 1).contains(count), "\(count)")
            #expect(try await pool.read("select 0, \(1)").count == 1)
        }
    }

    @Test func `the statement that has all others forgotten is in no transaction with that`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            for number in 0..<StatementCache.capacity {
                _ = try await pool.read(PostgresQuery(unescaped: "select \(number)"))
            }
            try await pool.execute("vacuum pg_class")
            let count: Int = try await pool.read("select count(*) from pg_prepared_statements")[0].decode(at: 0)
            #expect(count == 2)
        }
    }

    @Test func `one SQL with values of several types is several statements`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            try await pool.execute("create table x (n float8)")
            func insert<Value: PostgresEncodable>(_ value: Value) async throws {
                try await pool.execute("insert into x values (\(value))")
            }
            for _ in 0..<2 {
                try await insert(1)
                try await insert(2.5)
                try await insert(Int16(3))
                try await insert(PostgresNumeric(unscaled: 45, scale: 1))
            }
            let sum: Double = try await pool.read("select sum(n) from x")[0].decode(at: 0)
            #expect(sum == 22)
        }
    }

    @Test(arguments: ["copy x from stdin", "copy x to stdout"])
    func `COPY is refused, and holds nobody up`(sql: String) async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            try await pool.execute("create table x (n int)")
            try await pool.execute("insert into x values (1)")
            let errors = [
                await #expect(throws: PostgresError.self) { try await pool.execute(PostgresQuery(unescaped: sql)) },
                await #expect(throws: PostgresError.self) { try await pool.read(PostgresQuery(unescaped: sql)) },
                await #expect(throws: PostgresError.self) {
                    try await pool.withTransaction { try await $0.execute(script: "\(sql);") }
                },
            ]
            #expect(errors.map { $0?.code } == [.unsupported, .unsupported, .unsupported])
            #expect(try await pool.read("select n from x").count == 1)
        }
    }

    @Test func `statements behind one another at a lock are each ended by the server, none by the client`() async throws
    {
        try await withPool({
            $0.statementTimeout = .seconds(1)
            $0.maximumConnectionCount = 1
        }) { server, pool async throws in
            try await pool.execute("create table x (n int)")
            try await pool.execute("insert into x values (0)")
            let before: Int32 = try await pool.read("select pg_backend_pid()")[0].decode(at: 0)
            let holder = Task {
                try await server.execute("begin; lock table x; select pg_sleep(60)")
            }
            try await wait(for: "the lock") {
                try await server.execute(
                    "select count(*) from pg_locks where relation = 'x'::regclass and mode = 'AccessExclusiveLock'")
                    == "1\n"
            }
            await withTaskGroup(of: PostgresError?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do throws(PostgresError) {
                            try await pool.execute("update x set n = n + 1")
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                for await error in group { #expect(error?.sqlState == .queryCanceled, "\(String(describing: error))") }
            }
            try await server.execute(
                "select pg_terminate_backend(pid) from pg_locks where mode = 'AccessExclusiveLock'")
            _ = try await holder.value
            let after: Int32 = try await pool.read("select pg_backend_pid()")[0].decode(at: 0)
            #expect(before == after)
        }
    }

    @Test func `a statement that cannot be part of a transaction is in none, whatever goes before it`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            try await pool.execute("create table x (n int)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        if number % 20 == 10 {
                            try await pool.execute("vacuum x")
                        } else {
                            _ = try await pool.read("select \(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: ["begin", "start transaction", "COMMIT", "rollback", "end", "abort"])
    func `transactions are not begun or ended on connections that are shared`(sql: String) async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.execute(PostgresQuery(unescaped: sql))
            }
            #expect(error?.code == .unsupported && error?.message.contains("withTransaction") == true)
        }
    }

    @Test func `a connection that is left in a transaction all the same is given up`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { server, pool async throws in
            try await pool.execute("create table x (n int)")
            try await pool.execute("/* hidden */ begin")
            try await pool.execute("insert into x values (1)")
            #expect(try await server.execute("select count(*) from x") == "1\n", "and not part of it")
        }
    }

    @Test func `writes come to their turn among any number of reads`() async throws {
        try await withPool({ $0.maximumConnectionCount = 2 }) { _, pool async throws in
            try await pool.execute("create table x (n int)")
            let reading = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<200 {
                        group.addTask {
                            while !Task.isCancelled { _ = try? await pool.read("select count(*) from x") }
                        }
                    }
                }
            }
            for _ in 0..<50 {
                let stopwatch = Stopwatch()
                try await pool.execute("insert into x values (1)")
                #expect(stopwatch.elapsed < .seconds(5))
            }
            reading.cancel()
            await reading.value
        }
    }

    @Test func `too many values are refused, and nothing else is`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            var query = PostgresQuery(unescaped: "select 1 where 0 in (0")
            for number in 0..<65_536 { query.append(", \(number)") }
            query.append(")")
            let error = await #expect(throws: PostgresError.self) { try await pool.read(query) }
            #expect(error?.code == .unsupported && error?.message.contains("arrays") == true)
            #expect(try await pool.read("select 1").count == 1)
        }
    }

    @Test func `D9: a write that meets others in a deadlock is sent again`() async throws {
        try await withPool({ $0.minimumConnectionCount = 2 }) { server, pool async throws in
            try await wait(for: "two connections") {
                try await server.execute(
                    "select count(*) from pg_stat_activity where application_name = 'swift-microservices'") == "2\n"
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (first, second) in [(1, 2), (2, 1)] {
                    group.addTask {
                        try await pool.execute(
                            """
                            select pg_advisory_xact_lock(\(first)), pg_sleep(0.3), pg_advisory_xact_lock(\(second))
                            """)
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.log.contains("deadlock detected"))
        }
    }

    @Test func `works behind TLS, with answers of any size`() async throws {
        let server = try await PostgresServer.start(encrypted: true)
        var configuration = try PostgresConfiguration(url: server.url(query: "?sslmode=require"))
        configuration.waitLimit = .seconds(20)
        let pool = try PostgresPool(configuration)
        let isEncrypted: Bool = try await pool.read(
            "select ssl from pg_stat_ssl where pid = pg_backend_pid()")[0].decode(at: 0)
        #expect(isEncrypted)
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for size in [1, 8000, 8192, 16_384, 20_000, 100_000, 3_000_000] {
                for _ in 0..<8 {
                    group.addTask {
                        let rows = try await pool.read(
                            "select length(repeat('x', \(Int32(size)))), repeat('x', \(Int32(size)))")
                        return (size, try rows[0].decode(String.self, at: 1).utf8.count)
                    }
                }
            }
            for try await (size, count) in group { #expect(size == count) }
        }
        await pool.close()
    }

    @Test func `large values go both ways`() async throws {
        try await withPool { _, pool async throws in
            let text = String(repeating: "0123456789abcdef", count: 1 << 18)
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await pool.read("select \(text)")[0].decode(at: 0) } }
                for try await copy in group { #expect(copy == text) }
            }
        }
    }

    @Test func `a cancelled task is told at once, and the others' statements go on`() async throws {
        try await withPool({ $0.maximumConnectionCount = 1 }) { _, pool async throws in
            let slow = Task { try await pool.read("select pg_sleep(0.5), 1") }
            try await Task.sleep(for: .milliseconds(100))
            let waiting = Task { try await pool.read("select 2") }
            slow.cancel()
            waiting.cancel()
            for task in [slow, waiting] {
                let error = await #expect(throws: PostgresError.self) { try await task.value }
                #expect(error?.code == .cancelled)
            }
            #expect(try await pool.execute("select 3").count == 1)
        }
    }

    @Test func `a statement without an end is ended by the server, and nothing else is lost`() async throws {
        try await withPool({
            $0.statementTimeout = .milliseconds(300)
            $0.maximumConnectionCount = 1
        }) { _, pool async throws in
            let error = await #expect(throws: PostgresError.self) { try await pool.execute("select pg_sleep(60)") }
            #expect(error?.sqlState == .queryCanceled)
            #expect(try await pool.read("select 1").count == 1)
        }
    }

    @Test func `closing lets what is under way finish, and refuses the rest`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        _ = try await pool.read("select 1")
        let underWay = Task { try await pool.execute("select pg_sleep(1)") }
        try await wait(for: "the statement to run") {
            try await server.execute(
                "select count(*) from pg_stat_activity where query like 'select pg_sleep(1)%' and state = 'active'")
                == "1\n"
        }
        await pool.close()
        #expect(try await underWay.value.count == 1)
        let error = await #expect(throws: PostgresError.self) { try await pool.read("select 1") }
        #expect(error?.code == .closed)
        await pool.close()
        #expect(
            try await server.execute(
                "select count(*) from pg_stat_activity where application_name = 'swift-microservices'") == "0\n")
    }

    @Test func `one that is let go of ends by itself`() async throws {
        let server = try await PostgresServer.start()
        do {
            let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
            _ = try await pool.read("select 1")
        }
        try await wait(for: "no connection") {
            try await server.execute(
                "select count(*) from pg_stat_activity where application_name = 'swift-microservices'") == "0\n"
        }
    }

    @Test func `of several hosts the first one that takes writes is used`() async throws {
        let down = try FreePort.next()
        let readOnly = try await PostgresServer.start(["default_transaction_read_only=on"])
        let server = try await PostgresServer.start()
        let url = "postgres://postgres@127.0.0.1:\(down),127.0.0.1:\(readOnly.port),127.0.0.1:\(server.port)/postgres"
        let pool = try PostgresPool(PostgresConfiguration(url: url))
        let port: Int = try await pool.read("select inet_server_port()")[0].decode(at: 0)
        #expect(port == server.port)
        await pool.close()
    }
}
