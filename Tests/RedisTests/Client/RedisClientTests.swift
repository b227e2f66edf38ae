// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import RedisTesting
import ServiceTesting
import Synchronization
import Testing

@testable import Redis

@Suite struct `A client` {
    private let group = MultiThreadedEventLoopGroup.singleton

    private func client(_ url: String, _ change: (inout RedisConfiguration) -> Void = { _ in }) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = .seconds(2)
        change(&configuration)
        return try RedisClient(configuration, eventLoopGroup: group)
    }

    @Test func `does what the commands say`() async throws {
        let server = try await RedisServer.start()
        let redis = try client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        #expect(try await redis.get("a") == nil)
        try await redis.set("a", to: Array("one".utf8))
        try await redis.set("b", to: [0, 255, 13, 10], expiringAfter: .seconds(100))
        #expect(try await redis.get("a") == Array("one".utf8))
        #expect(try await redis.get(["a", "c", "b"]) == [Array("one".utf8), nil, [0, 255, 13, 10]])
        guard case .integer(let left) = try await redis.send(RedisCommand("PTTL", ["b"])) else {
            Issue.record("no integer")
            return
        }
        #expect((90_000...100_000).contains(left))
        #expect(try await redis.delete(["a", "b", "c"]) == 2)
        try await redis.ping()
        let error = await #expect(throws: RedisError.self) { try await redis.send(RedisCommand("NONSENSE")) }
        #expect(error?.code == .server && error?.serverCode == "ERR")
        let list = try await redis.send(RedisCommand("RPUSH", ["l", "1"]))
        #expect(list == .integer(1))
        let wrong = await #expect(throws: RedisError.self) { try await redis.get("l") }
        #expect(wrong?.serverCode == "WRONGTYPE" && wrong?.description == "server error (WRONGTYPE)")
        #expect(redis.isCircuitClosed)
        await redis.close()
        let closed = await #expect(throws: RedisError.self) { try await redis.ping() }
        #expect(closed?.code == .closed)
    }

    @Test func `keeps many callers' replies apart, on its event loops and off them`() async throws {
        let server = try await RedisServer.start()
        let redis = try client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let eventLoops = Array(group.makeIterator())
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<200 {
                tasks.addTask {
                    for round in 0..<20 {
                        let value = Array("\(number) \(round)".utf8)
                        try await redis.set(RedisArgument("key \(number)"), to: value)
                        #expect(try await redis.get(RedisArgument("key \(number)")) == value)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        let loop = eventLoops[0]
        let onLoop = loop.makePromise(of: Bool.self)
        loop.execute {
            redis.send(RedisCommand("GET", ["key 7"])) { result in
                onLoop.succeed(loop.inEventLoop && result == .success(.bytes(Array("7 19".utf8))))
            }
        }
        #expect(try await onLoop.futureResult.get())
        await redis.close()
    }

    @Test func `sends a script once, and again when the server has forgotten it`() async throws {
        let server = try await RedisServer.start()
        let redis = try client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")
        for expected in 1...3 {
            let reply = try await redis.run(script, keys: ["n"], arguments: ["x"])
            #expect(reply == .array([.bytes([0x6e]), .bytes([0x78]), .integer(Int64(expected))]))
        }
        #expect(try await server.execute("INFO", "commandstats").contains("cmdstat_script|load:calls=1,"))
        try await server.execute("SCRIPT", "FLUSH")
        _ = try await redis.run(script, keys: ["n"], arguments: ["x"])
        #expect(try await server.execute("GET", "n") == "4")
        #expect(try await server.execute("INFO", "commandstats").contains("cmdstat_script|load:calls=2,"))
        await redis.close()
    }

    @Test func `names its user and selects its database`() async throws {
        let server = try await RedisServer.start([
            "--user", "ada", "on", ">p@ss", "+@all", "~*", "--user", "default", "off",
        ])
        let redis = try client(server.url(database: 3, credentials: "ada:p%40ss@"))
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        try await redis.set("a", to: [0x31])
        guard case .bytes(let list) = try await redis.send(RedisCommand("CLIENT", ["LIST"])) else {
            Issue.record("no list")
            return
        }
        let text = String(decoding: list, as: UTF8.self)
        #expect(text.contains("name=swift-microservices") && text.contains("db=3") && text.contains("user=ada"))
        await redis.close()

        let stranger = try client(server.url(credentials: "ada:wrong@"))
        #expect(await !stranger.waitUntilConnected(within: .milliseconds(300)))
        let error = await #expect(throws: RedisError.self) { try await stranger.get("a") }
        #expect(error?.code == .notConnected)
        await stranger.close()
    }

    @Test func `asks for its password anew for each connection`() async throws {
        let server = try await RedisServer.start(["--requirepass", "second"])
        let passwords = PasswordSource("first")
        let redis = try client(server.url()) { configuration in
            configuration.password = { passwords.current }
            configuration.reconnectInterval = .milliseconds(50)
        }
        #expect(await !redis.waitUntilConnected(within: .milliseconds(300)))
        passwords.current = "second"
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        try await redis.ping()
        await redis.close()
    }

    @Test func `speaks TLS, and to nobody whose certificate it does not trust`() async throws {
        let server = try await RedisServer.start(isEncrypted: true)
        let redis = try client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        try await redis.set("a", to: [UInt8](repeating: 7, count: 200_000))
        #expect(try await redis.get("a")?.count == 200_000)
        await redis.close()

        let wary = try client("rediss://localhost:\(server.port)")
        #expect(await !wary.waitUntilConnected(within: .milliseconds(500)))
        await wary.close()
        let elsewhere = try client("rediss://127.0.0.1:\(server.port)?cacert=\(server.certificate)")
        #expect(await !elsewhere.waitUntilConnected(within: .milliseconds(500)), "the certificate names localhost")
        await elsewhere.close()
        #expect(throws: RedisError.self) { try client("rediss://localhost?cacert=/nowhere") }
    }

    @Test func `sends what belongs to a session in that session or not at all`() async throws {
        let server = try await RedisServer.start()
        let redis = try client(server.url())
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        let session = try #require(redis.session)
        #expect(session.runID.count == 40)
        try await redis.set("a", to: [1], in: session)
        try await server.execute("CLIENT", "KILL", "TYPE", "normal")
        try await wait(for: "another session") {
            guard let next = redis.session else { return false }
            return next.number > session.number || next.connectionIndex != session.connectionIndex
        }
        try await wait(for: "the end of the session") {
            (try? await redis.get("a", in: session)) == nil
        }
        let error = await #expect(throws: RedisError.self) { try await redis.get("a", in: session) }
        #expect(error.map { [.sessionEnded, .notConnected].contains($0.code) } == true)
        await redis.close()
    }
}

/// A password that changes. Thread-safe.
private final class PasswordSource: Sendable {
    private let value: Mutex<String>

    init(_ value: String) { self.value = Mutex(value) }

    var current: String {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
