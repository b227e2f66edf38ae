// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `Pipelined requests` {
    private static func get(_ path: String, _ id: Int) -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)X-Request-Id: r\(id)\r\n\r\n"
    }

    private func ids(of answer: [UInt8]) throws -> [String] {
        try HTTPMessage.Response.all(in: answer).map { $0.header("X-Request-Id") ?? "" }
    }

    @Test func `W13: a hundred requests at once are answered in their order, whoever answers them`() async throws {
        let service = try await RunningService.start()
        // By turns from the router, from the edge, and from the store.
        let paths = ["/health", "/openapi.json", ServiceClient.products, "/none"]
        let requests = (0..<100).map { Self.get(paths[$0 % 4], $0) }.joined()
        for endsHalf in [false, true] {
            let bytes = Array((endsHalf ? requests : requests + WireCase.last).utf8)
            let answer = try WireExchange(port: service.client.port).send(bytes, endsHalf: endsHalf)
            #expect(try ids(of: answer).prefix(100).elementsEqual((0..<100).map { "r\($0)" }))
        }
        try await service.stop()
    }

    @Test func `W13: behind a bad one of them nothing is looked at`() async throws {
        let service = try await RunningService.start()
        let post = ServiceClient.request("POST", ServiceClient.products, json: ServiceClient.laptop)
        let text = String(decoding: post.bytes, as: UTF8.self)
        let bad = "GET /health HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"
        try await WireCase(
            name: "GET, POST, bad, GET", bytes: Array((Self.get("/health", 0) + text + bad + WireCase.smuggled).utf8),
            statuses: [200, 201, 400]
        ).check(at: service.client.port)
        try await WireCase(
            name: "POST, GET", bytes: Array((text + WireCase.last).utf8), statuses: [201, 200]
        ).check(at: service.client.port)
        try await service.stop()
        #expect(service.accessLines(of: "/smuggled").isEmpty)
    }

    @Test func `W13: what a client pipelines without reading does not fill the memory`() async throws {
        let service = try await RunningService.start()
        _ = try await service.client.send("GET", "/openapi.json")
        let before = try service.residentKibibytes()
        let flood = String(repeating: Self.get("/openapi.json", 0), count: 50_000)
        let sockets = try (0..<10).map { _ in try RawSocket(to: service.client.port, receiveBuffer: 4096) }
        for socket in sockets { _ = socket.sendWithoutWaiting(Array(flood.utf8)) }
        for _ in 0..<20 { #expect(try await service.client.send("GET", "/health").status == 200) }
        #expect(try service.residentKibibytes() - before < 20 << 10)
        for socket in sockets { socket.reset() }
        try await service.stop()
    }

    @Test func `W13: behind a bad one nothing is looked at, also while the client has yet to take what came before`()
        async throws
    {
        let service = try await RunningService.start()
        let path = try #require(try await service.client.create().header("Location"))
        let many = String(repeating: Self.get("/openapi.json", 0), count: 60)
        let ends = [
            ("GET /health HTTP/1.1\r\n\r\n", 400),
            ("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 204),
        ]
        for (end, status) in ends {
            let socket = try RawSocket(to: service.client.port, receiveBuffer: 4096)
            socket.send(
                many + end + "DELETE \(path) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n" + WireCase.smuggled)
            try await Task.sleep(for: .milliseconds(200))
            let statuses = try HTTPMessage.Response.all(in: try socket.receiveToEnd()).map(\.status)
            #expect(statuses == Array(repeating: 200, count: 60) + [status])
            #expect(try await service.client.send("GET", path).status == 200)
        }
        try await service.stop()
        #expect(service.accessLines(of: "/smuggled").isEmpty)
    }

    @Test func `W11: the client may end its half behind its request`() async throws {
        let service = try await RunningService.start()
        let request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
        try await WireCase(name: "W11", bytes: Array(request.utf8), statuses: [200], endsHalf: true)
            .check(at: service.client.port)
        let list = "GET \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n"
        try await WireCase(name: "W11", bytes: Array(list.utf8), statuses: [200], endsHalf: true)
            .check(at: service.client.port)
        try await service.stop()
    }

    @Test func `W11: one that has ended its half and reads slowly gets all of its answers`() async throws {
        let service = try await RunningService.start()
        for path in ["/openapi.json", "/health"] {
            let socket = try RawSocket(to: service.client.port, receiveBuffer: 4096)
            socket.send(String(repeating: Self.get(path, 0), count: 100))
            socket.shutdownOutput()
            // Most of it is written, and far from taken.
            try await Task.sleep(for: .milliseconds(300))
            #expect(try HTTPMessage.Response.all(in: try socket.receiveToEnd()).count == 100)
        }
        try await service.stop()
    }

    @Test func `W22: what a client sends never makes a header field of its own`() async throws {
        let service = try await RunningService.start()
        let hostile = ["a%0d%0ab", "a b", "a\tb", "\u{e4}", String(repeating: "a", count: 129), "a\"b", "a,b"]
        for id in hostile {
            let answer = try await service.client.send("GET", "/health", [("X-Request-Id", id)])
            #expect(answer.headers["x-request-id"]?.count == 1 && answer.header("X-Request-Id") != id)
        }
        let taken = String(repeating: "a", count: 128)
        #expect(
            try await service.client.send("GET", "/health", [("X-Request-Id", taken)]).header("X-Request-Id") == taken)
        let twice = try await service.client.send("GET", "/health", [("X-Request-Id", "a"), ("X-Request-Id", "b")])
        #expect(twice.header("X-Request-Id")?.count == 32)

        let name = #"{"name":"a\r\nSet-Cookie: b=c","description":"\r\n\r\n","price":1}"#
        let created = try await service.client.create(name)
        for answer in [
            created, try await service.client.send("GET", ServiceClient.products + "?name=a%0D%0ASet-Cookie:%20b"),
        ] {
            #expect(answer.headers["set-cookie"] == nil)
            #expect(!answer.headers.values.joined().contains { $0.contains("\r") || $0.contains("\n") })
        }
        try await service.stop()
    }
}
