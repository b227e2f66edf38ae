// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTesting
import ServiceTesting
import Testing

/// What goes between the service and Redis.
@Suite(.serialized) struct `Traffic with Redis` {
    /// How often Redis has run each command.
    private static func calls(_ redis: RedisServer) async throws -> [String: Int] {
        let lines = try await redis.execute("INFO", "commandstats").split(separator: "\r\n")
        return Dictionary(
            lines.compactMap { line -> (String, Int)? in
                guard line.hasPrefix("cmdstat_"), let colon = line.firstIndex(of: ":"),
                    let calls = line.firstMatch(of: /calls=(\d+)/).flatMap({ Int($0.1) })
                else { return nil }
                return (String(line[..<colon].dropFirst(8)), calls)
            }
        ) { first, _ in first }
    }

    private static func difference(_ before: [String: Int], _ after: [String: Int]) -> [String: Int] {
        let own: Set<String> = ["info", "ping", "client|kill", "command|docs"]
        return after.reduce(into: [:]) { changes, entry in
            let change = entry.value - (before[entry.key] ?? 0)
            if change > 0, !own.contains(entry.key) { changes[entry.key] = change }
        }
    }

    private static func start(_ redis: RedisServer, near: String) async throws -> (RunningService, path: String) {
        let service = try await RunningService.start(
            ["--redis-url", redis.url(), "--cache-near-bytes", near],
            environment: [
                "RATE_LIMIT_RATE": "off", "RATE_LIMIT_ADDRESS_RATE": "off", "CACHE_TEST_COMMAND_TIMEOUT": "500",
            ])
        let path = try #require(try await service.client.create().header("Location"))
        try await wait(for: "a hit") {
            try await service.client.send("GET", path).header("Cache-Status")?.contains("redis; hit") == true
        }
        return (service, path)
    }

    @Test func `a hit in Redis is one GET, and one in the process is nothing`() async throws {
        let redis = try await RedisServer.start()
        let (service, path) = try await Self.start(redis, near: "0")
        let before = try await Self.calls(redis)
        for _ in 0..<10 {
            let answer = try await service.client.send("GET", path)
            #expect(answer.header("Cache-Status") == "redis; hit")
        }
        #expect(Self.difference(before, try await Self.calls(redis)) == ["get": 10])
        try await service.stop()

        let (near, other) = try await Self.start(redis, near: "1MiB")
        try await wait(for: "a near hit") {
            try await near.client.send("GET", other).header("Cache-Status") == "near; hit"
        }
        let then = try await Self.calls(redis)
        for _ in 0..<10 { #expect(try await near.client.send("GET", other).status == 200) }
        #expect(Self.difference(then, try await Self.calls(redis)) == [:])
        try await near.stop()
    }

    @Test func `the access log tells where an answer came from, and the settings hide the password`() async throws {
        let redis = try await RedisServer.start(["--requirepass", "hunter2"])
        let url = "redis://:hunter2@127.0.0.1:\(redis.port)"
        let service = try await RunningService.start(["--redis-url", url, "--cache-near-bytes", "0"])
        let path = try #require(try await service.client.create().header("Location"))
        try await wait(for: "a line of a hit") {
            _ = try await service.client.send("GET", path)
            return service.process.logLines.contains { $0["cache"] as? String == "redis; hit" }
        }
        let settings = try ServiceProcess(["config", "--redis-url", url])
        #expect(try await settings.exitCode() == 0)
        #expect(settings.log.contains("REDACTED@127.0.0.1"))
        for log in [settings.log, service.process.log] { #expect(!log.contains("hunter2")) }
        try await service.stop()
    }

    @Test func `a write is two round trips`() async throws {
        let redis = try await RedisServer.start()
        let (service, path) = try await Self.start(redis, near: "1MiB")
        for _ in 0..<3 { #expect(try await service.client.send("PATCH", path, json: #"{"price":2}"#).status == 200) }
        let before = try await Self.calls(redis)
        for _ in 0..<10 { #expect(try await service.client.send("PATCH", path, json: #"{"price":3}"#).status == 200) }
        let changes = Self.difference(before, try await Self.calls(redis))
        #expect(changes["evalsha"] == 20)
        // What the scripts do themselves costs no round trip.
        #expect(Set(changes.keys).isSubset(of: ["evalsha", "time", "getrange", "set", "del", "publish"]), "\(changes)")
        try await service.stop()
    }

    @Test func `I5: many readers of a product that nobody has read are one read of the store`() async throws {
        let cluster = try await CacheCluster.start(commandTimeout: 500)
        let service = try #require(cluster.replica(0)?.service)
        let path = try #require(try await service.client.create().header("Location"))
        try await cluster.waitUntilCalm()
        for index in 0..<CacheCluster.replicaCount {
            // Every replica has asked Redis once, so that none is still in doubt of it.
            let client = try #require(cluster.replica(index)?.service.client)
            try await wait(for: "a hit") {
                try await client.send("GET", path).header("Cache-Status")?.contains("hit") == true
            }
        }
        func loads() async throws -> Double {
            var sum = 0.0
            for index in 0..<CacheCluster.replicaCount {
                let metrics = try await cluster.replica(index)?.service.metrics() ?? [:]
                sum += metrics[#"cache_loads_total{result="product"}"#] ?? 0
            }
            return sum
        }
        let cold = try #require(try await service.client.create().header("Location"))
        try await cluster.redis.execute("FLUSHALL")
        let before = try await loads()
        // Connected before, so that they ask at the same moment.
        let ports = (0..<CacheCluster.replicaCount).compactMap { cluster.replica($0)?.service.client.port }
        var connections: [HTTPConnection] = []
        for number in 0..<90 { connections.append(try await .connect(to: ports[number % ports.count])) }
        let answers = try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
            for connection in connections {
                group.addTask {
                    try await connection.send(ServiceClient.request("GET", cold))
                    return try await connection.receive()
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for connection in connections { await connection.close() }
        #expect(answers.allSatisfy { $0.status == 200 })
        let statuses = Dictionary(grouping: answers) { $0.header("Cache-Status") ?? "" }.mapValues(\.count)
        let after = try await loads()
        #expect(after - before == 1, "\(statuses)")
        try await cluster.stop()
    }
}
