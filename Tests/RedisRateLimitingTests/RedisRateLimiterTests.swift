// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import RateLimiting
import Redis
import RedisTesting
import ServiceTesting
import Testing

@testable import RedisRateLimiting

@Suite(.serialized) struct `The limiter that processes share` {
    private func client(_ url: String) async throws -> RedisClient {
        var configuration = try RedisConfiguration(url: url)
        configuration.reconnectInterval = .milliseconds(100)
        configuration.commandTimeout = .milliseconds(300)
        return try RedisClient(configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    }

    private func limiter(_ limit: RateLimit?, _ redis: RedisClient) throws -> RedisRateLimiter<String> {
        let limit = try #require(limit)
        let limiter = RedisRateLimiter<String>(name: "test", limit: limit, redis: redis, keyed: { Array($0.utf8) })
        return try #require(limiter)
    }

    @Test func `lets a burst pass, and then says when to come back`() async throws {
        let server = try await RedisServer.start()
        let redis = try await client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let limiter = try limiter(RateLimit(1, per: .seconds(60), burst: 3), redis)
        for left in [2, 1, 0] {
            let decision = await limiter.take(1, for: "ada")
            #expect(decision.isAllowed && decision.remaining == left && decision.retryAfter == .zero)
        }
        let refused = await limiter.take(1, for: "ada")
        #expect(!refused.isAllowed && refused.remaining == 0)
        let wait = try #require(refused.retryAfter)
        #expect(wait > .seconds(55) && wait <= .seconds(60))
        #expect(await limiter.take(1, for: "bob").isAllowed, "another key has a bucket of its own")
        #expect(await limiter.take(4, for: "eve").retryAfter == nil, "more than a bucket holds never comes")
        #expect(await limiter.take(0, for: "ada").isAllowed)
        await redis.close()
    }

    @Test func `L10: processes together let no more pass than one`() async throws {
        let server = try await RedisServer.start()
        let clients = [try await client(server.url()), try await client(server.url())]
        for redis in clients { #expect(await redis.waitUntilConnected(within: .seconds(5))) }
        let limiters = try clients.map { try limiter(RateLimit(50, per: .seconds(1), burst: 20), $0) }
        let start = ContinuousClock.now
        let allowed = await withTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                group.addTask {
                    var allowed = 0
                    while ContinuousClock.now < start + .seconds(2) {
                        if await limiters[number % 2].take(1, for: "ada").isAllowed { allowed += 1 }
                    }
                    return allowed
                }
            }
            return await group.reduce(0, +)
        }
        let time = (ContinuousClock.now - start) / .seconds(1)
        #expect(Double(allowed) <= 20 + 50 * time + 1, "\(allowed) in \(time) s")
        #expect(Double(allowed) >= 50 * 2, "\(allowed): what comes in is given out")
        for redis in clients { await redis.close() }
    }

    @Test func `counts exactly at tiny rates, and never back in time`() async throws {
        let server = try await RedisServer.start()
        let redis = try await client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        // A token in a day: each microsecond brings one unit.
        let limit = try #require(RateLimit(1, per: .seconds(86_400), burst: 2))
        let limiter = try limiter(limit, redis)
        let units = try #require(BucketUnits(limit))
        #expect(units.perToken == 86_400_000_000 && units.perMicrosecond == 1)
        #expect(await limiter.take(1, for: "ada").isAllowed)
        let key = "rl1:test:\(units.perToken):1:ada"
        func bucket() async throws -> (level: Int, time: Int) {
            let parts = try await server.execute("GET", key).split(separator: " ")
            return (Int(parts[0]) ?? 0, Int(parts[1]) ?? 0)
        }
        let first = try await bucket()
        #expect(first.level == 86_400_000_000)
        #expect(await limiter.take(0, for: "ada").isAllowed)
        let second = try await bucket()
        #expect(second.time > first.time && second.level - first.level == second.time - first.time)
        // The server's clock has been set back by an hour, as seen from the bucket.
        try await server.execute("SET", key, "86400000000 \(second.time + 3_600_000_000)")
        #expect(await limiter.take(1, for: "ada").isAllowed)
        let third = try await bucket()
        #expect(third.level == 0 && third.time == second.time + 3_600_000_000)
        #expect(await !limiter.take(1, for: "ada").isAllowed)
        #expect(try await server.execute("PTTL", key).count >= 8, "ends by itself, when it would be full")
        await redis.close()
    }

    @Test func `leaves limits alone that Redis cannot count with exactly`() throws {
        #expect(BucketUnits(try #require(RateLimit(0, per: .seconds(1), burst: 1))) == nil)
        #expect(BucketUnits(try #require(RateLimit(1, per: .nanoseconds(1500), burst: 1))) == nil)
        #expect(BucketUnits(try #require(RateLimit(7, per: .seconds(86_400), burst: 100_000))) != nil)
        #expect(BucketUnits(try #require(RateLimit(1, per: .seconds(86_400), burst: 105_000))) == nil)
    }

    @Test func `L11, L12: decides by itself while Redis is away, without another burst`() async throws {
        let server = try await RedisServer.start()
        let redis = try await client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let limiter = try limiter(RateLimit(1, per: .seconds(3600), burst: 10), redis)
        func take() async -> SharedRateLimitDecision {
            await withUnsafeContinuation { continuation in
                limiter.take(1, for: "ada") { continuation.resume(returning: $0) }
            }
        }
        for _ in 0..<6 { #expect(await !take().isFallback) }
        server.kill(SIGSTOP)
        var fallbacks: [Bool] = []
        for _ in 0..<10 {
            let decision = await take()
            #expect(decision.isFallback)
            fallbacks.append(decision.decision.isAllowed)
        }
        #expect(fallbacks.count { $0 } == 4, "six of ten were taken before")
        server.kill(SIGCONT)
        try await wait(for: "the shared bucket", within: .seconds(2)) { await !take().isFallback }
        try await server.stop(SIGKILL)
        #expect(await take().isFallback)
        try await server.start()
        try await wait(for: "the shared bucket", within: .seconds(2)) { await !take().isFallback }
        await redis.close()
    }

    @Test func `L14: a server that has lost its buckets gives one burst more`() async throws {
        let server = try await RedisServer.start()
        let redis = try await client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let limiter = try limiter(RateLimit(1, per: .seconds(3600), burst: 5), redis)
        var allowed = 0
        for round in 0..<20 {
            if round == 10 {
                try await server.execute("FLUSHALL")
                try await server.execute("SCRIPT", "FLUSH")
            }
            if await limiter.take(1, for: "ada").isAllowed { allowed += 1 }
        }
        #expect(allowed == 10)
        await redis.close()
    }

    @Test(arguments: ["LOADING", "OOM", "READONLY", "NOAUTH", "BUSY", "WRONGTYPE"])
    func `L13: takes refusals for failures, and falls back`(code: String) async throws {
        let server = try await ScriptedRedisServer.start { call in
            ["EVALSHA", "SCRIPT"].contains(call.name) ? [.send("-\(code) no\r\n")] : nil
        }
        let redis = try await client(server.url)
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let limiter = try limiter(RateLimit(1, per: .seconds(3600), burst: 5), redis)
        var allowed = 0
        for _ in 0..<10 where await limiter.take(1, for: "ada").isAllowed { allowed += 1 }
        #expect(allowed == 5)
        await redis.close()
    }
}
