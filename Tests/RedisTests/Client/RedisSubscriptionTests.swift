// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Redis
import RedisTesting
import ServiceTesting
import Synchronization
import Testing

/// What a subscription has told. Thread-safe.
private final class Heard: Sendable {
    struct State {
        var began = 0
        var ended = 0
        var messages: [String] = []
        var provedUpTo: NIODeadline?
    }
    private let value = Mutex(State())

    var state: State { value.withLock { $0 } }

    func take(_ event: RedisSubscription.Event) {
        value.withLock { state in
            switch event {
            case .began: state.began += 1
            case .ended: state.ended += 1
            case .message(let bytes): state.messages.append(String(decoding: bytes, as: UTF8.self))
            case .proved(let time): state.provedUpTo = time
            }
        }
    }
}

@Suite struct `A subscription` {
    @Test func `hears what is published, and proves again and again that it does`() async throws {
        let server = try await RedisServer.start()
        let redis = try RedisClient(
            RedisConfiguration(url: server.url()), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let heard = Heard()
        let subscription = redis.subscribe(to: "news", pinging: .milliseconds(20)) { heard.take($0) }
        try await wait(for: "the beginning") { heard.state.began == 1 }
        for number in 0..<100 { try await redis.publish(Array("\(number)".utf8), to: "news") }
        let published = NIODeadline.now()
        try await wait(for: "a proof") { heard.state.provedUpTo.map { $0 > published } ?? false }
        // The proof is of a time after the last message: all of them have been heard.
        #expect(heard.state.messages == (0..<100).map(String.init))
        subscription.close()
        await redis.close()
    }

    @Test func `tells when its connection ends, and begins again`() async throws {
        let server = try await RedisServer.start()
        let redis = try RedisClient(
            RedisConfiguration(url: server.url()), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let heard = Heard()
        let subscription = redis.subscribe(to: "news") { heard.take($0) }
        try await wait(for: "the beginning") { heard.state.began == 1 }
        try await server.execute("CLIENT", "KILL", "TYPE", "pubsub")
        try await wait(for: "the end") { heard.state.ended == 1 }
        try await wait(for: "the next beginning") { heard.state.began == 2 }
        try await redis.publish(Array("late".utf8), to: "news")
        try await wait(for: "the message") { heard.state.messages == ["late"] }
        subscription.close()
        try await wait(for: "the last end") { heard.state.ended == 2 }
        await redis.close()
    }

    @Test func `proves nothing while the server is stopped in its tracks`() async throws {
        let server = try await RedisServer.start()
        let redis = try RedisClient(
            RedisConfiguration(url: server.url()), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let heard = Heard()
        let subscription = redis.subscribe(to: "news", pinging: .milliseconds(20)) { heard.take($0) }
        try await wait(for: "a proof") { heard.state.provedUpTo != nil }
        server.kill(SIGSTOP)
        let stopped = NIODeadline.now()
        try await Task.sleep(for: .milliseconds(200))
        // Signals take a moment to arrive.
        #expect(heard.state.provedUpTo.map { $0 < stopped + .milliseconds(50) } == true)
        server.kill(SIGCONT)
        try await wait(for: "a proof") { heard.state.provedUpTo.map { $0 > stopped + .milliseconds(200) } ?? false }
        subscription.close()
        await redis.close()
    }
}
