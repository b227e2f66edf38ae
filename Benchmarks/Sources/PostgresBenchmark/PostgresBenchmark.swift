// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import Synchronization

/// Point selects through the client, as many callers at once as told. Prints statements per second.
///
/// usage: PostgresBenchmark URL SECONDS ROWS CALLERS CONNECTIONS
///        PostgresBenchmark memory URL     prints what a connection takes
@main
struct PostgresBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "memory", let url = arguments.dropFirst().first { return try await measureMemory(url) }
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        guard let url = arguments.first, numbers.count == 4 else {
            fatalError("usage: PostgresBenchmark URL SECONDS ROWS CALLERS CONNECTIONS")
        }
        var configuration = try PostgresConfiguration(url: url)
        configuration.minimumConnectionCount = numbers[3]
        configuration.maximumConnectionCount = numbers[3]
        let pool = try PostgresPool(configuration)
        _ = try await pool.read("select 1")
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            let end = ContinuousClock.now + .seconds(numbers[0])
            for _ in 0..<numbers[2] {
                group.addTask { try await select(from: pool, rows: numbers[1], until: end) }
            }
            var sum = 0
            for try await count in group { sum += count }
            return sum
        }
        print(counts / numbers[0])
        await pool.close()
    }

    /// What 50 connections take that have each prepared ten statements, and the threads.
    static func measureMemory(_ url: String) async throws {
        let before = try statusLine("VmRSS")
        var configuration = try PostgresConfiguration(url: url)
        configuration.minimumConnectionCount = 50
        configuration.maximumConnectionCount = 50
        let pool = try PostgresPool(configuration)
        for number in 0..<10 {
            let query = PostgresQuery(unescaped: "select pg_sleep(0.02), \(number)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await pool.execute(query) } }
                for try await _ in group {}
            }
        }
        let after = try statusLine("VmRSS")
        print("a connection takes \((after - before) / 50) KiB; threads of the process: \(try statusLine("Threads"))")
        await pool.close()
    }

    static func statusLine(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    static func select(from pool: PostgresPool, rows: Int, until end: ContinuousClock.Instant) async throws -> Int {
        var random = UInt64.random(in: 1 ... .max)
        var count = 0
        while ContinuousClock.now < end {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            let id = Int(random % UInt64(rows)) + 1
            let result = try await pool.read("select id, payload from bench where id = \(id)")
            guard result.count == 1, try result[0].decode(Int.self, at: 0) == id else { fatalError("no row \(id)") }
            count += 1
        }
        return count
    }
}
