// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Redis

@Suite struct `The encoding of commands` {
    private static func wire(_ command: RedisCommand) -> String {
        var buffer = ByteBuffer()
        RESPEncoding.append(command, to: &buffer)
        return String(buffer: buffer)
    }

    @Test func `is an array of bulk strings`() {
        #expect(Self.wire(RedisCommand(.ping)) == "*1\r\n$4\r\nPING\r\n")
        #expect(
            Self.wire(RedisCommand("set", ["key", "", 12, RedisArgument([0x0d, 0x0a])]))
                == "*5\r\n$3\r\nset\r\n$3\r\nkey\r\n$0\r\n\r\n$2\r\n12\r\n$2\r\n\r\n\r\n")
        let long = String(repeating: "a", count: 12_345)
        #expect(Self.wire(RedisCommand(.get, [RedisArgument(long)])) == "*2\r\n$3\r\nGET\r\n$12345\r\n\(long)\r\n")
    }

    @Test func `names commands by a closed set`() {
        #expect(RedisCommand("get", ["a"]).operation == .get)
        #expect(RedisCommand("STRLEN", ["a"]).operation == .other)
        #expect(RedisCommand("other").operation == .other)
        #expect(RedisOperation.evalsha.name == "EVALSHA" && RedisOperation.other.name == "other")
    }
}
