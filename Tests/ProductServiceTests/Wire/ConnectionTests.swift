// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Testing

@Suite(.serialized) struct `Connections` {
    @Test func `W12: a thousand clients that vanish leave nothing behind: no slot, no descriptor, no half write`()
        async throws
    {
        // A slot that was not given back would be missed at the second client.
        let service = try await RunningService.start(["--http-max-in-flight", "2"])
        let openBefore = try service.openSockets()
        let post = ServiceClient.request("POST", ServiceClient.products, json: ServiceClient.laptop).bytes
        let requests: [[UInt8]] = [
            Array("GET /heal".utf8), Array(post.dropLast(10)), post,
            Array("GET \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n".utf8),
            Array("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n".utf8),
        ]
        for round in 0..<1000 {
            let socket = try RawSocket(to: service.client.port)
            socket.send(requests[round % requests.count])
            if round % 2 == 0 { socket.reset() }
        }
        try await wait(for: "slots given back") {
            let statuses = try await service.client.send("GET", ServiceClient.products).status
            return statuses == 200
        }
        // Work for clients that are gone may still be ending; slots that were lost would be missed for good.
        for _ in 0..<50 {
            try await wait(for: "a slot") { try await service.client.create().status == 201 }
        }
        // Of those that vanished each product is there whole, or not at all.
        let database = try DatabaseQueue(path: service.databasePath)
        let whole = "name = 'Laptop' and description = 'MacBook Pro'"
        let (all, complete) = try await database.read { database in
            (
                try Int.fetchOne(database, sql: "select count(*) from products") ?? 0,
                try Int.fetchOne(database, sql: "select count(*) from products where \(whole)") ?? 0
            )
        }
        #expect(all == complete && all >= 50 && all <= 250)
        try database.close()
        try await service.wait(forSockets: openBefore)
        try await service.stop()
        #expect(!service.process.log.contains("a request failed"), "\(service.process.log.suffix(2000))")
    }

    @Test func `W18: at the cap more connections wait, the served ones are served, and the admin port answers`()
        async throws
    {
        try DescriptorLimit.raise(to: 8192)
        let service = try await RunningService.start(
            ["--http-max-connections", "1000", "--admin-port", "0", "--http-idle-timeout", "60s"],
            waitsUntilReady: false)
        let admin = ServiceClient(port: try await service.process.port(of: "admin"))
        try await admin.wait(for: 200)
        // As many as the listener's queue holds behind those that are served.
        let sockets = try (0..<4500).map { try RawSocket(to: service.client.port, from: "127.0.0.\(2 + $0 % 4)") }
        for socket in sockets { socket.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n") }
        for _ in 0..<20 {
            let probe = try await HTTPConnection.connect(to: admin.port, limit: .seconds(1))
            try await probe.send(ServiceClient.request("GET", "/livez"))
            #expect(try await probe.receive().status == 200)
            await probe.close()
        }
        var served = 0
        try await wait(for: "the answers of the served; there are \(served)") {
            served = sockets.count(where: \.hasBytes)
            return served >= 1000
        }
        // The listener accepts by fours.
        #expect(served < 1004)
        // Those that go make room for those that wait.
        for socket in sockets where socket.hasBytes { socket.reset() }
        try await wait(for: "the answers of the next") { sockets.count(where: \.hasBytes) >= 1000 }
        #expect(try await admin.send("GET", "/readyz").status == 200)
        for socket in sockets { socket.reset() }
        try await wait(for: "room") { (try? await service.client.send("GET", "/health").status) == 200 }
        try await service.stop()
    }

    @Test func `W19: out of descriptors it waits, and goes on when there are some again`() async throws {
        let service = try await RunningService.start(
            ["--database-url", "memory:"], launcher: ["prlimit", "--nofile=64:64"], waitsUntilReady: false)
        try await service.client.wait(for: 200)
        let sockets = try (0..<200).map { _ in try RawSocket(to: service.client.port) }
        for socket in sockets { socket.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n") }
        try await wait(for: "some answers") { sockets.count(where: \.hasBytes) > 10 }
        for socket in sockets { socket.reset() }
        try await wait(for: "service again", within: .seconds(30)) {
            (try? await service.client.send("GET", "/health").status) == 200
        }
        try await service.stop()
    }

    @Test func `W24: noise on the port is refused and hardly logged`() async throws {
        let service = try await RunningService.start()
        let openBefore = try service.openSockets()
        var generator = SystemRandomNumberGenerator()
        for round in 0..<100 {
            let noise = (0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
            let socket = try RawSocket(to: service.client.port)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { socket.send(noise) }
                let answer = try? socket.receiveToEnd(within: .seconds(5))
                #expect(answer != nil, "round \(round)")
            }
        }
        try await service.wait(forSockets: openBefore)
        #expect(try await service.client.send("GET", "/health").status == 200)
        try await service.stop()
        #expect(service.process.log.utf8.count < 64 << 10)
    }

    @Test func `W25: what a client says of its address is not believed`() async throws {
        let service = try await RunningService.start()
        let headers = [
            ("X-Forwarded-For", "192.0.2.1"), ("X-Real-IP", "192.0.2.1"), ("Forwarded", "for=192.0.2.1"),
        ]
        _ = try await service.client.send("GET", ServiceClient.products, headers)
        try await service.stop()
        let lines = service.accessLines(of: ServiceClient.products)
        #expect(lines.map { $0["client.address"] as? String } == ["127.0.0.1"])
        #expect(!service.process.log.contains("192.0.2.1"))
    }

    @Test func `stopping answers all that was accepted, pipelined or not, and says close first`() async throws {
        let service = try await RunningService.start(["--shutdown-delay", "1s"])
        let list = "GET \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n"
        let sockets = try (0..<50).map { _ in try RawSocket(to: service.client.port) }
        for socket in sockets { socket.send(list) }
        try await wait(for: "answers") { sockets.allSatisfy(\.hasBytes) }
        service.process.kill(SIGTERM)
        try await service.client.wait(for: 503)
        for socket in sockets { socket.send(String(repeating: list, count: 10)) }
        for socket in sockets {
            let responses = try HTTPMessage.Response.all(in: try socket.receiveToEnd())
            // The one from before, and then one that says that it is the last.
            #expect(responses.map(\.status) == [200, 200])
            #expect(responses.map { $0.header("Connection") } == [nil, "close"])
        }
        #expect(try await service.process.exitCode() == 0)
    }

    @Test func `L16: too many requests at work are refused with 503, probes and slow senders are not`() async throws {
        let service = try await RunningService.start(["--http-max-in-flight", "3"])
        let body = ServiceClient.laptop
        let head =
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        // Those who have yet to send their bodies take no place.
        let slow = try (0..<100).map { _ in try RawSocket(to: service.client.port) }
        for socket in slow { socket.send(head + body.dropLast()) }
        for _ in 0..<10 { #expect(try await service.client.send("GET", ServiceClient.products).status == 200) }

        // Someone else holds the database: a write takes one of the places for as long as it waits.
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: service.databasePath, configuration: configuration)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "begin exclusive") }
        var refused: HTTPMessage.Response?
        try await wait(for: "a refusal") {
            let writer = try RawSocket(to: service.client.port)
            writer.send(head + body)
            let answer = try await service.client.send("GET", "\(ServiceClient.products)/none")
            if answer.status == 503 { refused = answer }
            _ = try await service.client.send("GET", "/livez").status == 200
            return refused != nil
        }
        #expect(refused?.header("Retry-After") == "1" && refused?.header("Connection") == nil)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "rollback") }
        try holder.close()
        try await wait(for: "writes to work again") { try await service.client.create().status == 201 }
        for (number, socket) in slow.enumerated() {
            socket.send(String(body.suffix(1)) + WireCase.last)
            let statuses = try HTTPMessage.Response.all(in: try socket.receiveToEnd()).map(\.status)
            #expect(statuses == [201, 200], "client \(number)")
        }
        try await service.stop()
    }

    @Test func `bodies that are under way have a budget, and what is over it is refused`() async throws {
        // Room for two bodies of 64 KiB, wherever they stand.
        let service = try await RunningService.start(["--http-max-in-flight", "2", "--http-max-body", "64KiB"])
        for path in [ServiceClient.products, "/health"] {
            let head =
                "POST \(path) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\nContent-Length: 65536\r\n\r\n"
            let sockets = try (0..<6).map { _ in try RawSocket(to: service.client.port) }
            for socket in sockets { socket.send(head + String(repeating: " ", count: 60_000)) }
            try await wait(for: "refusals") { sockets.count(where: \.hasBytes) == 4 }
            for socket in sockets where socket.hasBytes {
                #expect(try HTTPMessage.Response.all(in: try socket.receiveToEnd()).map(\.status) == [503])
            }
            for socket in sockets { socket.reset() }
            try await wait(for: "room again") { try await service.client.create().status == 201 }
        }
        try await service.stop()
    }

    @Test func `pages of listed origins may call, with credentials, and others may not`() async throws {
        let service = try await RunningService.start(environment: [
            "CORS_ALLOWED_ORIGINS": "https://shop.example, https://b.example"
        ])
        let preflight = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "PUT")]
        let allowed = try await service.client.send("OPTIONS", ServiceClient.products, preflight)
        #expect(allowed.status == 204 && allowed.header("Access-Control-Allow-Origin") == "https://shop.example")
        #expect(allowed.header("Access-Control-Allow-Credentials") == "true" && allowed.header("Vary") == "Origin")
        #expect(allowed.header("Access-Control-Allow-Methods")?.contains("PUT") == true)
        let plain = try await service.client.send("GET", ServiceClient.products, [("Origin", "https://b.example")])
        #expect(plain.status == 200 && plain.header("Access-Control-Expose-Headers")?.contains("ETag") == true)
        for origin in ["https://evil.example", "null", "https://shop.example.evil.example", "http://shop.example"] {
            let refused = try await service.client.send("GET", ServiceClient.products, [("Origin", origin)])
            #expect(refused.header("Access-Control-Allow-Origin") == nil && refused.header("Vary") == "Origin")
        }
        try await service.stop()

        let open = try await RunningService.start(environment: ["CORS_ALLOWED_ORIGINS": "*"])
        let any = try await open.client.send("GET", ServiceClient.products, [("Origin", "https://evil.example")])
        #expect(
            any.header("Access-Control-Allow-Origin") == "*" && any.header("Access-Control-Allow-Credentials") == nil)
        try await open.stop()
        for value in ["*,https://a.example", "shop.example", "https://a.example/path", "https://A.example"] {
            let refused = try ServiceProcess(["serve"], environment: ["CORS_ALLOWED_ORIGINS": value])
            #expect(try await refused.exitCode() == 78 && refused.log.contains("CORS_ALLOWED_ORIGINS"))
        }
    }
}
