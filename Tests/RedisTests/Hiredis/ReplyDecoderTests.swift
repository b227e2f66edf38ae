// SPDX-License-Identifier: Apache-2.0

import ProductsTesting
import Testing

@testable import Redis

@Suite struct `The decoder of replies` {
    private static let wire =
        "+OK\r\n:-42\r\n$5\r\nhello\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n"
        + "*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n-OOM full up\r\n$2\r\n\r\n\r\n"

    private static let replies: [RedisReply] = [
        .status("OK"), .integer(-42), .bytes(Array("hello".utf8)), .bytes([]), .null, .null, .array([]),
        .error(RedisError(.server, message: "ERR no", serverCode: "ERR")),
        .array([
            .integer(1), .array([.bytes([0x61]), .null]),
            .error(RedisError(.server, message: "OOM full up", serverCode: "OOM")),
        ]),
        .bytes([0x0d, 0x0a]),
    ]

    @discardableResult
    private static func decode(_ pieces: [[UInt8]], limits: ReplyLimits = ReplyLimits()) throws -> [RedisReply] {
        let decoder = ReplyDecoder(limits: limits)
        var replies: [RedisReply] = []
        for piece in pieces { try piece.withUnsafeBytes { try decoder.decode($0) { replies.append($0) } } }
        return replies
    }

    @Test func `reads every type, in one piece`() throws {
        #expect(try Self.decode([Array(Self.wire.utf8)]) == Self.replies)
    }

    @Test func `reads the same whatever byte it is cut at, and byte by byte`() throws {
        let bytes = Array(Self.wire.utf8)
        for cut in bytes.indices {
            #expect(try Self.decode([Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.replies, "cut at \(cut)")
        }
        #expect(try Self.decode(bytes.map { [$0] }) == Self.replies)
    }

    @Test func `reads replies that are longer than what hiredis is fed at once`() throws {
        let value = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let wire = Array("$300000\r\n".utf8) + value + Array("\r\n:7\r\n".utf8)
        #expect(try Self.decode([wire]) == [.bytes(value), .integer(7)])
    }

    @Test(arguments: [
        "!\r\n", "hello\r\n", "$abc\r\n", ":1x\r\n", "*3x\r\n", "$5\r\nhelloXX", "*1\r\n!\r\n", "%1\r\n+a\r\n+b\r\n",
        "*-5\r\n", ":99999999999999999999\r\n", "*2147483648\r\n", "*9223372036854775807\r\n", "\0\0\0\0\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    ])
    func `refuses what is no reply`(wire: String) {
        #expect(throws: RedisError.self, "\(wire.debugDescription)") {
            // Some is only seen to be none when more has come.
            try Self.decode([Array(wire.utf8), Array("\r\n:1\r\n".utf8)])
        }
    }

    @Test func `refuses replies beyond its limits before they take more memory`() throws {
        let limits = ReplyLimits(byteCount: 100, valueCount: 10)
        let long = Array("$4294967296\r\n".utf8) + [UInt8](repeating: 0x61, count: 200)
        #expect(throws: RedisError.self) { try Self.decode([long], limits: limits) }
        #expect(throws: RedisError.self) { try Self.decode([Array("*11\r\n".utf8)], limits: limits) }
        #expect(throws: RedisError.self) {
            try Self.decode(
                [Array(("*3\r\n" + String(repeating: "*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", count: 3)).utf8)], limits: limits
            )
        }
        #expect(throws: RedisError.self) {
            let value = "$60\r\n" + String(repeating: "a", count: 60) + "\r\n"
            try Self.decode([Array("*2\r\n\(value)\(value)".utf8)], limits: limits)
        }
        let full = "$100\r\n" + String(repeating: "a", count: 100) + "\r\n"
        #expect(try Self.decode([Array((full + full).utf8)], limits: limits).count == 2, "each within the limit")
    }

    @Test func `takes any bytes without a crash`() {
        var generator = SeededGenerator(seed: 6)
        let wire = Array(Self.wire.utf8)
        for _ in 0..<20_000 {
            var bytes = wire
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int.random(in: bytes.indices, using: &generator)], at: index)
                }
            }
            _ = try? Self.decode([bytes], limits: ReplyLimits(byteCount: 1000, valueCount: 100))
        }
    }
}
