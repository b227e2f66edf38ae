// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RedisTesting
import ServiceTesting
import Testing

@testable import Redis

@Suite struct `A client of a server that fails` {
    private static func client(
        _ url: String, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ change: (inout RedisConfiguration) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = .milliseconds(200)
        configuration.reconnectInterval = .milliseconds(100)
        change(&configuration)
        return try RedisClient(configuration, eventLoopGroup: group)
    }

    /// One connection alone, so that every command meets the same.
    private static let oneLoop = MultiThreadedEventLoopGroup.singleton.next()

    private static func error(
        _ body: () async throws(RedisError) -> Void
    ) async -> RedisError? {
        do throws(RedisError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["LOADING", "READONLY", "OOM", "BUSY", "NOAUTH", "MASTERDOWN", "WRONGTYPE", "MISCONF"])
    func `L13: takes refusals for failures`(code: String) async throws {
        let server = try await ScriptedRedisServer.start { call in
            call.name == "GET" ? [.send("-\(code) not now\r\n")] : nil
        }
        let redis = try Self.client(server.url, on: Self.oneLoop)
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        for _ in 0..<20 {
            #expect(await Self.error { () async throws(RedisError) in _ = try await redis.get("a") } != nil)
        }
        let isAboutTheServer = ["LOADING", "BUSY", "MASTERDOWN"].contains(code)
        if isAboutTheServer { #expect(!redis.isCircuitClosed, "\(code)") }
        if ["OOM", "WRONGTYPE", "MISCONF"].contains(code) {
            #expect(redis.isCircuitClosed, "\(code)")
            try await redis.ping()
        }
        await redis.close()
    }

    @Test(arguments: [
        "garbage\r\n", "\0\0\0\0\0\0", "+OK", "$4294967296\r\naaaa", "*2147483648\r\n", "*1048577\r\n",
        "%1\r\n+a\r\n:1\r\n",
        ":1\r\n:2\r\n",
    ])
    func `L13: lives on after garbage, halves and huge lengths`(answer: String) async throws {
        let server = try await ScriptedRedisServer.start { call in
            call.name == "GET" ? [.send(answer), .pause(.milliseconds(300)), .close] : nil
        }
        let redis = try Self.client(server.url, on: Self.oneLoop) { $0.breaker.consecutiveFailureCount = 1000 }
        for _ in 0..<3 {
            try await wait(for: "a connection") { (try? await redis.ping()) != nil }
            _ = await Self.error { () async throws(RedisError) in _ = try await redis.get("a") }
        }
        try await wait(for: "a connection") { (try? await redis.ping()) != nil }
        #expect(server.connectionCount >= 3, "nothing is read from a connection that has broken the protocol")
        await redis.close()
    }

    @Test func `L13: puts replies together however they are split`() async throws {
        let reply = "$11\r\nhello\r\nyou!\r\n"
        for cut in 1..<reply.utf8.count {
            let bytes = Array(reply.utf8)
            let server = try await ScriptedRedisServer.start { call in
                guard call.name == "GET" else { return nil }
                return [.send(Array(bytes[..<cut])), .pause(.milliseconds(2)), .send(Array(bytes[cut...]))]
            }
            let redis = try Self.client(server.url, on: Self.oneLoop)
            #expect(await redis.waitUntilConnected(within: .seconds(5)))
            #expect(try await redis.get("a") == Array("hello\r\nyou!".utf8), "cut at \(cut)")
            await redis.close()
        }
    }

    @Test func `L13: asks once more, and no oftener, for a script that is not known`() async throws {
        let server = try await ScriptedRedisServer.start { call in
            switch call.name {
            case "SCRIPT": [.send("$3\r\nabc\r\n")]
            case "EVALSHA": [.send("-NOSCRIPT no matching script\r\n")]
            default: nil
            }
        }
        let redis = try Self.client(server.url, on: Self.oneLoop)
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let script = RedisScript("return 1")
        for _ in 0..<2 {
            let error = await Self.error { () async throws(RedisError) in _ = try await redis.run(script, keys: []) }
            #expect(error?.serverCode == "NOSCRIPT")
        }
        let names = server.calls.map(\.name).filter { $0 == "SCRIPT" || $0 == "EVALSHA" }
        #expect(names == ["SCRIPT", "EVALSHA", "EVALSHA", "SCRIPT", "EVALSHA"])
        await redis.close()
    }

    @Test func `L12: gives each command its time, then stops asking, and gives late replies to nobody`() async throws {
        let server = try await RedisServer.start()
        let redis = try Self.client(server.url(), on: Self.oneLoop) { $0.commandTimeout = .milliseconds(20) }
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        try await redis.set("a", to: [1])
        server.kill(SIGSTOP)
        var codes: [RedisError.Code] = []
        for _ in 0..<20 {
            let error = await Self.error { () async throws(RedisError) in _ = try await redis.get("a") }
            codes.append(try #require(error).code)
        }
        #expect(codes.prefix(5).allSatisfy { $0 == .timedOut })
        #expect(codes.count { $0 == .circuitOpen } >= 10)
        #expect(!redis.isAvailable)
        server.kill(SIGCONT)
        try await wait(for: "the circuit to close", within: .seconds(2)) { (try? await redis.get("a")) == [1] }
        try await redis.set("b", to: [2])
        #expect(try await redis.get("b") == [2], "the replies of before are not taken for later ones")
        await redis.close()
    }

    @Test func `gives up a connection on which nothing comes any more`() async throws {
        let server = try await RedisServer.start()
        let redis = try Self.client(server.url(), on: Self.oneLoop) { configuration in
            configuration.commandTimeout = .milliseconds(20)
            configuration.silenceLimit = .milliseconds(200)
        }
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let session = try #require(redis.session)
        server.kill(SIGSTOP)
        _ = await Self.error { () async throws(RedisError) in try await redis.ping() }
        try await wait(for: "the end of the session", within: .seconds(2)) { redis.session != session }
        server.kill(SIGCONT)
        try await wait(for: "another", within: .seconds(3)) { (try? await redis.ping()) != nil }
        await redis.close()
    }

    @Test func `L15: connects again at once when its connection is killed`() async throws {
        let server = try await RedisServer.start()
        let redis = try Self.client(server.url()) { $0.reconnectInterval = .seconds(30) }
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        // What was there for less than a second is not trusted.
        try await Task.sleep(for: .milliseconds(1100))
        let session = try #require(redis.session)
        try await server.execute("CLIENT", "KILL", "TYPE", "normal")
        try await wait(for: "another session", within: .seconds(1)) {
            guard let next = redis.session, next != session else { return false }
            return (try? await redis.ping()) != nil
        }
        await redis.close()
    }

    @Test func `L15: tries one connection in an interval while the server is away, and is back soon after it`()
        async throws
    {
        // Takes connections, and closes them when it is greeted: as a server does that has no room for more clients.
        let server = try await ScriptedRedisServer.start { _ in
            [.send("-ERR max number of clients reached\r\n"), .close]
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 8)
        let redis = try Self.client(server.url, on: group) { $0.reconnectInterval = .milliseconds(200) }
        let subscription = redis.subscribe(to: "news") { _ in }
        try await Task.sleep(for: .milliseconds(2100))
        let count = server.connectionCount
        #expect(count >= 5 && count <= 9 + 11, "\(count) in 2.1 s: each once, then one in each 200 ms")
        subscription.close()
        await redis.close()
        try await group.shutdownGracefully()
    }

    @Test func `L15: fails at once where a name leads nowhere, and blocks nothing`() async throws {
        let redis = try Self.client("redis://no-such-host.invalid:6379")
        for _ in 0..<3 {
            let error = await Self.error { () async throws(RedisError) in try await redis.ping() }
            #expect(error?.code == .notConnected)
        }
        for eventLoop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            try await eventLoop.submit {}.get()
        }
        await redis.close()
    }

    @Test func `L15: lets other clients in where only one has room`() async throws {
        let server = try await RedisServer.start(["--maxclients", "1"])
        let redis = try Self.client(server.url(), on: Self.oneLoop)
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let second = try Self.client(server.url(), on: Self.oneLoop)
        #expect(await !second.waitUntilConnected(within: .milliseconds(500)))
        await redis.close()
        #expect(await second.waitUntilConnected(within: .seconds(5)))
        await second.close()
    }

    @Test func `refuses more commands than its limit while the server is silent`() async throws {
        let server = try await ScriptedRedisServer.start { call in call.name == "GET" ? [] : nil }
        let redis = try Self.client(server.url, on: Self.oneLoop) { configuration in
            configuration.maximumPendingCount = 10
            configuration.commandTimeout = .milliseconds(500)
        }
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let codes = await withTaskGroup(of: RedisError.Code?.self) { tasks in
            for _ in 0..<50 {
                tasks.addTask {
                    await Self.error { () async throws(RedisError) in _ = try await redis.get("a") }?.code
                }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count { $0 == .overloaded } == 40)
        #expect(codes.count { $0 == .timedOut } == 10)
        await redis.close()
    }
}
