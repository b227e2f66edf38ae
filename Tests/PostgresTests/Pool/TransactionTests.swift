// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Synchronization
import Testing

@testable import Postgres

@Suite struct `Transactions` {
    private struct Refusal: Error {}

    private final class Tries: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .relaxed) }
        func add() { value.add(1, ordering: .relaxed) }
    }

    private func withPool(_ body: (PostgresServer, PostgresPool) async throws -> Void) async throws {
        let server = try await PostgresServer.start()
        var configuration = try PostgresConfiguration(url: server.url())
        configuration.waitLimit = .seconds(20)
        let pool = try PostgresPool(configuration)
        try await pool.execute("create table x (id int primary key, n int not null)")
        try await pool.execute("insert into x values (1, 0), (2, 0)")
        try await body(server, pool)
        await pool.close()
    }

    @Test func `happen whole or not at all`() async throws {
        try await withPool { server, pool async throws in
            let count = try await pool.withTransaction { transaction in
                try await transaction.execute("update x set n = 1 where id = 1")
                return try await transaction.execute("update x set n = 1 where id = 2").affectedRowCount
            }
            #expect(count == 1)
            await #expect(throws: Refusal.self) {
                try await pool.withTransaction { transaction in
                    try await transaction.execute("update x set n = 2")
                    throw Refusal()
                }
            }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    try await transaction.execute("update x set n = 3")
                    try await transaction.execute("insert into x values (1, 3)")
                }
            }
            #expect(error?.sqlState == .uniqueViolation)
            #expect(try await server.execute("select sum(n) from x") == "2\n")
        }
    }

    @Test func `are not taken for committed when a failed statement was overlooked`() async throws {
        try await withPool { server, pool async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    try await transaction.execute("update x set n = 1")
                    _ = try? await transaction.execute("select nothing")
                }
            }
            #expect(error?.sqlState == SQLState("25P02"))
            #expect(try await server.execute("select sum(n) from x") == "0\n")
        }
    }

    @Test func `D9: that meet in a deadlock are run again, and all happen`() async throws {
        try await withPool { server, pool async throws in
            let tries = Tries()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await pool.withTransaction { transaction in
                            tries.add()
                            try await transaction.execute("update x set n = n + 1 where id = \(order[0])")
                            try await Task.sleep(for: .milliseconds(200))
                            try await transaction.execute("update x set n = n + 1 where id = \(order[1])")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(tries.count >= 3, "a deadlock came about")
            #expect(try await server.execute("select n from x") == "2\n2\n")
        }
    }

    @Test func `D9: that cannot be put in order are tried three times, no more`() async throws {
        try await withPool { server, pool async throws in
            let tries = Tries()
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    tries.add()
                    try await transaction.execute("set transaction isolation level repeatable read")
                    try await transaction.execute("select * from x")
                    try await server.execute("update x set n = n + 1")
                    try await transaction.execute("update x set n = 100")
                }
            }
            #expect(error?.sqlState == .serializationFailure)
            #expect(tries.count == 3)
            #expect(try await server.execute("select n from x") == "3\n3\n")
        }
    }

    @Test func `prepare anew what no longer fits, the next time`() async throws {
        try await withPool { server, pool async throws in
            func read() async throws -> Int {
                try await pool.withTransaction { try await $0.execute("select * from x where id = 1").count }
            }
            #expect(try await read() == 1)
            try await server.execute("alter table x add m int")
            await #expect(throws: PostgresError.self) { try await read() }
            #expect(try await read() == 1)
        }
    }

    @Test func `whose connection is lost fail, and leave nothing behind`() async throws {
        try await withPool { server, pool async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    let id: Int32 = try await transaction.execute("select pg_backend_pid()")[0].decode(at: 0)
                    try await transaction.execute("update x set n = 1")
                    try await server.execute("select pg_terminate_backend(\(id))")
                    try await transaction.execute("update x set n = 2")
                }
            }
            #expect(error?.code == .connectionLost || error?.sqlState == .adminShutdown, "\(String(describing: error))")
            #expect(try await server.execute("select sum(n) from x") == "0\n")
            #expect(try await pool.execute("update x set n = 5").affectedRowCount == 2)
        }
    }

    @Test func `given up by a cancelled task release their locks`() async throws {
        try await withPool { server, pool async throws in
            let task = Task {
                try await pool.withTransaction { transaction in
                    try await transaction.execute("update x set n = 1")
                    try await Task.sleep(for: .seconds(60))
                }
            }
            try await wait(for: "the lock") {
                try await server.execute(
                    "select count(*) from pg_stat_activity where state = 'idle in transaction'") == "1\n"
            }
            task.cancel()
            _ = await task.result
            #expect(try await pool.execute("update x set n = 7").affectedRowCount == 2)
        }
    }

    @Test func `whose program goes silent are ended by the server`() async throws {
        let server = try await PostgresServer.start()
        var configuration = try PostgresConfiguration(url: server.url())
        configuration.statementTimeout = .milliseconds(200)
        let pool = try PostgresPool(configuration)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withTransaction { transaction in
                try await transaction.execute("select 1")
                try await Task.sleep(for: .seconds(1))
                try await transaction.execute("select 2")
            }
        }
        #expect(error?.code == .connectionLost || error?.sqlState?.errorClass == "25", "\(String(describing: error))")
        #expect(try await pool.read("select 1").count == 1)
        await pool.close()
    }

    @Test func `more than there are connections wait for one another`() async throws {
        let server = try await PostgresServer.start()
        var configuration = try PostgresConfiguration(url: server.url())
        configuration.maximumConnectionCount = 3
        configuration.waitLimit = .seconds(20)
        let pool = try PostgresPool(configuration)
        try await pool.execute("create table y (n int)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    _ = try await pool.withTransaction { transaction in
                        try await transaction.execute("insert into y values (\(Int32(number)))")
                    }
                }
                group.addTask { _ = try await pool.read("select count(*) from y") }
            }
            try await group.waitForAll()
        }
        #expect(try await server.execute("select count(*) from y") == "100\n")
        await pool.close()
    }
}
