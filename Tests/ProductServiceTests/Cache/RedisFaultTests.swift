// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import RedisTesting
import ServiceTesting
import Synchronization
import Testing

/// Clients that read products and now and then write one, and keep what went wrong.
private final class CatalogueLoad: Sendable {
    private let client: ServiceClient
    private let paths: [String]
    private let stop = StopFlag()
    private let state = Mutex<(failures: [String], latencies: [Duration])>(([], []))

    init(_ client: ServiceClient, paths: [String]) {
        self.client = client
        self.paths = paths
    }

    var failures: [String] { state.withLock { $0.failures } }

    /// Takes the answers' times so far.
    func takeLatencies() -> [Duration] {
        state.withLock { state in
            defer { state.latencies = [] }
            return state.latencies.sorted()
        }
    }

    func during(_ body: () async throws -> Void) async throws {
        let running = Task { await run() }
        do {
            try await body()
        } catch {
            stop.raise()
            throw error
        }
        stop.raise()
        await running.value
    }

    private func run() async {
        await withTaskGroup { group in
            for number in 0..<16 { group.addTask { await self.runClient(number) } }
        }
    }

    private func runClient(_ number: Int) async {
        do {
            let connection = try await HTTPConnection.connect(to: client.port)
            while !stop.isRaised {
                let path = paths.randomElement() ?? ""
                let isWrite = number == 0
                let start = ContinuousClock.now
                try await connection.send(
                    isWrite
                        ? ServiceClient.request("PATCH", path, json: #"{"price":\#(Int.random(in: 1...999))}"#)
                        : ServiceClient.request("GET", path))
                let response = try await connection.receive()
                let time = ContinuousClock.now - start
                state.withLock { state in
                    state.latencies.append(time)
                    if response.status != 200 { state.failures.append("\(response.status) \(response.text)") }
                }
                try await Task.sleep(for: .milliseconds(1))
            }
            await connection.close()
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }
}

@Suite(.serialized) struct `Faults of Redis` {
    private static func start(
        on redis: RedisServer, database: String? = nil, _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> RunningService {
        let service = try await RunningService.start(
            on: database, ["--redis-url", redis.url(), "--cache-near-bytes", "0"] + arguments,
            environment: ["RATE_LIMIT_RATE": "off", "RATE_LIMIT_ADDRESS_RATE": "off"].merging(environment) { $1 })
        let path = try #require(try await service.client.create().header("Location"))
        try await Self.waitForHit(service, path)
        return service
    }

    /// Waits until a product comes from Redis.
    private static func waitForHit(_ service: RunningService, _ path: String, within limit: Duration = .seconds(5))
        async throws
    {
        try await wait(for: "a hit in Redis: \(service.process.log)", within: limit) {
            try await service.client.send("GET", path).header("Cache-Status")?.contains("redis; hit") == true
        }
    }

    private static func products(_ count: Int, _ service: RunningService) async throws -> [String] {
        var paths: [String] = []
        for _ in 0..<count { paths.append(try #require(try await service.client.create().header("Location"))) }
        return paths
    }

    @Test(arguments: [SIGKILL, SIGSTOP])
    func
        `L11, L12, K5, K6: a Redis that is killed or stopped under load costs no request, and is used again within 2 s`(
            signal: Int32
        ) async throws
    {
        let redis = try await RedisServer.start()
        let service = try await Self.start(on: redis)
        let paths = try await Self.products(50, service)
        let load = CatalogueLoad(service.client, paths: paths)
        try await load.during {
            try await Task.sleep(for: .seconds(1))
            let before = load.takeLatencies()
            try await Prober.during(service) {
                redis.kill(signal)
                try await Task.sleep(for: .seconds(2))
                #expect(try await service.client.send("GET", "/readyz").status == 200)
                let verbose = try await service.client.send("GET", "/readyz?verbose")
                #expect(verbose.status == 200)
                #expect(verbose.text.contains("[-]redis failed, not required: reason withheld"), "\(verbose.text)")
                #expect(try await service.client.send("GET", "/readyz/redis").status == 503)
            }
            let during = load.takeLatencies()
            print(
                "redis: p99 \(before[before.count * 99 / 100]) before and \(during[during.count * 99 / 100]) while it is \(signal == SIGKILL ? "gone" : "stopped"), \(during.count) requests"
            )
            try await wait(for: "the metrics", within: .seconds(3)) {
                let metrics = try await service.metrics()
                return signal == SIGKILL ? metrics["redis_up"] == 0 : metrics["cache_breaker_state"] == 1
            }
            if signal == SIGKILL { try await redis.start() } else { redis.kill(SIGCONT) }
            try await Self.waitForHit(service, paths[0], within: .seconds(2))
        }
        #expect(load.failures == [])
        try await service.stop()
    }

    @Test func `L13, L14, L15: what else may befall Redis costs no request`() async throws {
        let redis = try await RedisServer.start()
        let service = try await Self.start(on: redis)
        let paths = try await Self.products(50, service)
        let load = CatalogueLoad(service.client, paths: paths)
        try await load.during {
            try await Prober.during(service) {
                for _ in 0..<3 {
                    try await redis.execute("FLUSHALL")
                    try await redis.execute("SCRIPT", "FLUSH")
                    try await redis.execute("CLIENT", "KILL", "TYPE", "normal")
                    try await redis.execute("DEBUG", "SLEEP", "0.3")
                    try await redis.execute("CONFIG", "SET", "maxmemory", "1mb")
                    try await Task.sleep(for: .milliseconds(200))
                    try await redis.execute("CONFIG", "SET", "maxmemory", "0")
                    try await redis.execute("CLIENT", "KILL", "TYPE", "pubsub")
                }
            }
            try await Self.waitForHit(service, paths[0], within: .seconds(3))
        }
        #expect(load.failures == [])
        try await service.stop()
    }

    @Test func `a note that nobody can relay grows older, until Redis is back`() async throws {
        let redis = try await RedisServer.start()
        let service = try await Self.start(on: redis)
        let quiet = try await service.metrics()
        #expect(quiet["cache_outbox_pending"] == 0 && quiet["cache_outbox_age_seconds"] == 0)
        redis.kill(SIGKILL)
        #expect(try await service.client.create().status == 201)
        try await wait(for: "a note that is a second old: \(service.process.log)", within: .seconds(10)) {
            let metrics = try await service.metrics()
            return metrics["cache_outbox_pending"] ?? 0 >= 1 && metrics["cache_outbox_age_seconds"] ?? 0 > 1
        }
        try await redis.start()
        try await wait(for: "an empty outbox: \(service.process.log)", within: .seconds(10)) {
            let metrics = try await service.metrics()
            return metrics["cache_outbox_pending"] == 0 && metrics["cache_outbox_age_seconds"] == 0
        }
        try await service.stop()
    }

    @Test func `D1, D3: with the database gone, what is cached is served, and the rest is a 503`() async throws {
        let postgres = try await PostgresServer.start()
        let redis = try await RedisServer.start()
        let service = try await Self.start(on: redis, database: postgres.url())
        let paths = try await Self.products(5, service)
        for path in paths { try await Self.waitForHit(service, path) }
        try await postgres.stop(SIGQUIT)
        for path in paths {
            let answer = try await service.client.send("GET", path)
            #expect(answer.status == 200 && answer.header("Cache-Status")?.contains("redis; hit") == true)
        }
        try Unavailable.expect(try await service.client.create())
        try Unavailable.expect(
            try await service.client.send("GET", "\(ServiceClient.products)/0198f1b4-0000-7000-8000-000000000000"))
        #expect(try await service.client.send("GET", "/livez").status == 200)
        try await service.client.wait(for: 503)
        // Nothing was written: the product is as it was, and is found as before once the database is back.
        try await postgres.start()
        try await wait(for: "service as before", within: .seconds(3)) {
            try await service.client.send("PATCH", paths[0], json: #"{"price":5}"#).status == 200
        }
        #expect(try await service.client.send("GET", paths[0]).member("version", as: Int.self) == 2)
        try await service.stop()
    }

    @Test func `D2: with both gone the process stays, and comes back with both`() async throws {
        let postgres = try await PostgresServer.start()
        let redis = try await RedisServer.start()
        let service = try await Self.start(on: redis, database: postgres.url())
        let path = try await Self.products(1, service)[0]
        try await redis.stop()
        try await postgres.stop(SIGKILL)
        try Unavailable.expect(try await service.client.send("GET", path))
        #expect(try await service.client.send("GET", "/livez").status == 200)
        try await postgres.start()
        try await redis.start()
        try await Self.waitForHit(service, path)
        try await service.stop()
    }

    @Test func `L10: two processes let a caller make no more requests than one`() async throws {
        let redis = try await RedisServer.start()
        let limits = [
            "RATE_LIMIT_RATE": "1/m", "RATE_LIMIT_BURST": "20", "RATE_LIMIT_ADDRESS_RATE": "off",
            "CACHE_TEST_COMMAND_TIMEOUT": "500",
        ]
        let folder = try TemporaryFolder()
        func start() async throws -> RunningService {
            let service = try await RunningService.start(
                in: folder, ["--redis-url", redis.url(), "--cache-near-bytes", "0"], environment: limits)
            try await wait(for: "Redis") { try await service.metrics()["redis_up"] == 1 }
            return service
        }
        let (first, second) = (try await start(), try await start())
        var allowed = 0
        for _ in 0..<20 {
            for service in [first, second] {
                let answer = try await service.client.send("GET", ServiceClient.products)
                #expect([200, 429].contains(answer.status))
                if answer.status == 200 {
                    allowed += 1
                } else {
                    #expect(answer.header("Retry-After") != nil && answer.header("RateLimit")?.contains("r=0") == true)
                }
            }
        }
        #expect(allowed == 20)
        let metrics = try await first.metrics()
        #expect(metrics[#"ratelimit_requests_total{decision="deny",limiter="caller"}"#] ?? 0 > 0)
        #expect(metrics[#"ratelimit_requests_total{decision="fallback",limiter="caller"}"#] == 0)
        try await redis.stop()
        // Each has seen what it let pass itself: half of the burst.
        var fallen = 0
        for _ in 0..<40 where try await first.client.send("GET", ServiceClient.products).status == 200 { fallen += 1 }
        #expect(fallen == 10)
        #expect(
            try await first.metrics()[#"ratelimit_requests_total{decision="fallback",limiter="caller"}"#] ?? 0 >= 40)
        try await first.stop()
        try await second.stop()
    }
}
