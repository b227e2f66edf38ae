// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import Redis
import RedisTesting
import ServiceTesting
import Testing

@Suite struct `The example of Redis' documentation` {
    @Test func `does what it says`() async throws {
        let server = try await RedisServer.start()
        let group = MultiThreadedEventLoopGroup.singleton

        let redis = try RedisClient(RedisConfiguration(url: server.url()), eventLoopGroup: group)
        #expect(await redis.waitUntilConnected(within: .seconds(5)))
        try await redis.set("greeting", to: Array("hello".utf8), expiringAfter: .seconds(60))
        if let greeting = try await redis.get("greeting") {
            #expect(String(decoding: greeting, as: UTF8.self) == "hello")
        }
        let length = try await redis.send(RedisCommand("STRLEN", ["greeting"]))
        #expect(length == .integer(5))
        await redis.close()
    }
}
