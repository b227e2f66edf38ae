// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `Limits on the wire` {
    private static let head =
        "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\n"

    private func status(of answer: [UInt8]) throws -> [Int] { try HTTPMessage.Response.all(in: answer).map(\.status) }

    @Test func `W5: long, wide and many header fields are a 431`() async throws {
        let service = try await RunningService.start()
        let wire = WireExchange(port: service.client.port)
        let before = try service.residentKibibytes()
        let long = "X: " + String(repeating: "a", count: 81 << 10) + "\r\n"
        let wide = (0..<81).map { "X-\($0): " + String(repeating: "a", count: 1000) + "\r\n" }.joined()
        for fields in [
            long, wide, String(repeating: "X: a\r\n", count: 1001), String(repeating: "X: a\r\n", count: 70_000),
        ] {
            let answer = try wire.send(
                Array("GET /health HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(WireCase.smuggled)".utf8))
            #expect(try status(of: answer) == [431])
        }
        let most = (0..<98).map { "X-\($0): a\r\n" }.joined()
        try await WireCase.answered("100 fields", "GET /health HTTP/1.1\r\nHost: a\r\n\(most)\r\n", 200)
            .check(at: service.client.port)
        for split in [100, 9000, 16383, 16384, 16385, 32768, 65536] {
            let socket = try RawSocket(to: service.client.port)
            let bytes = Array("GET /health HTTP/1.1\r\nHost: a\r\n\(long)\r\n".utf8)
            socket.send(Array(bytes[..<split]))
            try await Task.sleep(for: .milliseconds(20))
            socket.send(Array(bytes[split...]))
            #expect(try status(of: try socket.receiveToEnd()) == [431])
        }
        for size in [9 << 10, 80 << 10] {
            let answer = try wire.send(
                Array("GET /\(String(repeating: "a", count: size)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(try status(of: answer) == [414])
        }
        #expect(try Double(service.residentKibibytes()) < Double(before) * 1.2)
        try await service.stop()
        #expect(service.accessLines(of: "/smuggled").isEmpty)
    }

    @Test func `W8: a body over the limit is refused, and hardly read`() async throws {
        let service = try await RunningService.start()
        _ = try await service.client.send("GET", "/health")
        let before = try service.readByteCount()
        let socket = try RawSocket(to: service.client.port)
        socket.send(Self.head + "Content-Length: \(1 << 30)\r\n\r\n")
        let megabyte = [UInt8](repeating: 0x20, count: 1 << 20)
        var answer: [UInt8] = []
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for _ in 0..<1024 where !socket.send(megabyte) { return } }
            answer = (try? socket.receiveToEnd()) ?? []
        }
        #expect(try status(of: answer) == [413])
        #expect(try service.readByteCount() - before <= 64 << 10)

        // The length is not told: the limit is noticed when it is passed.
        let chunked = try RawSocket(to: service.client.port)
        let beforeChunks = try service.readByteCount()
        chunked.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n")
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<64 where !chunked.send(Array("100000\r\n".utf8) + megabyte + [13, 10]) { return }
            }
            answer = (try? chunked.receiveToEnd()) ?? []
        }
        #expect(try status(of: answer) == [413])
        #expect(try service.readByteCount() - beforeChunks <= (1 << 20) + (64 << 10))

        let bodies = [
            "40000\r\n" + String(repeating: " ", count: 0x40000) + "\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        ]
        for body in bodies {
            let answer = try WireExchange(port: service.client.port).send(
                Array((Self.head + "Transfer-Encoding: chunked\r\n\r\n" + body + WireCase.last).utf8))
            #expect(try status(of: answer) == [400, 200])
        }
        try await service.stop()
    }

    @Test func `W3: a million chunks of one byte are a body, and chunk extensions without end are refused`()
        async throws
    {
        let service = try await RunningService.start()
        let before = try service.residentKibibytes()
        let many = String(repeating: "1\r\n \r\n", count: 1_000_000)
        let wire = WireExchange(port: service.client.port)
        let answer = try wire.send(
            Array((Self.head + "Transfer-Encoding: chunked\r\n\r\n\(many)0\r\n\r\n" + WireCase.last).utf8))
        #expect(try status(of: answer) == [400, 200])
        let endless = "1;x=" + String(repeating: "y", count: 64 << 10)
        let refused = try wire.send(
            Array(
                (Self.head + "Transfer-Encoding: chunked\r\n\r\n\(endless)\r\n \r\n0\r\n\r\n" + WireCase.smuggled).utf8)
        )
        #expect(try status(of: refused) == [400])
        #expect(try Double(service.residentKibibytes()) < Double(before) * 1.5)
        try await service.stop()
        #expect(service.accessLines(of: "/smuggled").isEmpty)
    }

    @Test func `W10: a body that ends early is a 400 and no write, and what is too much is the next request`()
        async throws
    {
        let service = try await RunningService.start()
        // What has arrived would be a product by itself.
        let body = ServiceClient.laptop
        let short = Self.head + "Content-Length: \(body.utf8.count + 1)\r\n\r\n" + body
        let case10 = WireCase(name: "W10: short", bytes: Array(short.utf8), statuses: [400], endsHalf: true)
        try await case10.check(at: service.client.port)
        let chunked =
            Self.head + "Transfer-Encoding: chunked\r\n\r\n\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n"
        try await WireCase(name: "W10: short chunks", bytes: Array(chunked.utf8), statuses: [400], endsHalf: true)
            .check(at: service.client.port)
        try await WireCase(
            name: "W10: short header", bytes: Array("GET /health HT".utf8), statuses: [400], endsHalf: true
        )
        .check(at: service.client.port)
        let list = try await service.client.send("GET", ServiceClient.products)
        #expect(try list.member("products", as: [Any].self).isEmpty)

        let long = Self.head + "Content-Length: 2\r\n\r\n{}{}" + WireCase.smuggled
        let answer = try WireExchange(port: service.client.port).send(Array(long.utf8))
        #expect(try status(of: answer) == [400, 501] || status(of: answer) == [400, 400])
        try await service.stop()
        #expect(service.accessLines(of: "/smuggled").isEmpty)
    }

    @Test func `W23: a body that is compressed is a 415, and nothing inflates it`() async throws {
        let service = try await RunningService.start()
        let bomb = [UInt8](repeating: 0, count: 1 << 20)
        for coding in ["gzip", "br", "deflate, gzip"] {
            let head = Self.head + "Content-Encoding: \(coding)\r\nContent-Length: \(bomb.count)\r\n\r\n"
            let answer = try WireExchange(port: service.client.port).send(
                Array(head.utf8) + bomb + Array(WireCase.last.utf8))
            #expect(try status(of: answer) == [415, 200])
        }
        try await service.stop()
    }
}
