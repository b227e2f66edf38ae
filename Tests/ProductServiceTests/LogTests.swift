// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Testing

@Suite(.serialized) struct `The log` {
    private static let hostile = [
        "a\u{1b}[31mred", "\u{7}bell", "a\u{2028}b\u{2029}c", "\u{202e}right to left", "\",\"level\":\"critical", "{}",
        "\\",
        String(repeating: "x", count: 15_000),
    ]

    @Test func `K14: whatever clients send, each line is one JSON object, and a short one`() async throws {
        let service = try await RunningService.start(["--log-level", "trace"])
        for text in Self.hostile {
            let bytes = Array("GET /health HTTP/1.1\r\nHost: a\r\nUser-Agent: ".utf8) + Array(text.utf8)
            let rest = Array("\r\nX-Request-Id: \(text)\r\nConnection: close\r\n\r\n".utf8)
            _ = try WireExchange(port: service.client.port).send(bytes + [0xff, 0xfe] + rest)
            let escaped = text.utf8.map { "%" + (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
            _ = try await service.client.send("GET", "/\(escaped.prefix(6000))")
            _ = try await service.client.send("GET", ServiceClient.products, [("Idempotency-Key", "a")])
        }
        let huge = Array(
            "GET /health HTTP/1.1\r\nHost: a\r\nUser-Agent: \(String(repeating: "y", count: 1 << 20))\r\n\r\n".utf8)
        _ = try WireExchange(port: service.client.port).send(huge)
        try await service.stop()
        let lines = service.process.log.split(separator: "\n")
        #expect(service.process.logLines.count == lines.count)
        #expect(lines.count > 3 * Self.hostile.count)
        for line in lines {
            #expect(line.utf8.count < 4096 && !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x1b })
        }
        for line in service.process.logLines {
            for name in ["timestamp", "level", "message", "logger", "service.name", "service.version"] {
                #expect(line[name] is String)
            }
            #expect(line["level"] as? String != "critical")
        }
    }

    @Test func `K13: nothing that is secret is ever logged`() async throws {
        let service = try await RunningService.start(["--log-level", "trace"])
        let canary = "canary-7f3b"
        let headers = [
            ("Cookie", "session=\(canary)"), ("Idempotency-Key", "\(canary)"), ("X-Api-Key", canary),
            ("Proxy-Authorization", canary), ("tracestate", "a=\(canary)"), ("baggage", "a=\(canary)"),
        ]
        // With a token that is refused, and with one that lets the rest come to the handlers and the store.
        for token in [canary, TestCredentials.token(subject: canary)] {
            for target in ["/health", "/none", ServiceClient.products, "\(ServiceClient.products)/none"] {
                for method in ["GET", "POST", "TRACE", "DELETE"] {
                    let answer = try await service.client.send(
                        method, "\(target)?token=\(canary)&name=\(canary)",
                        headers + [("Authorization", "Bearer \(token)")],
                        json: #"{"name":"\#(canary)","price":1}"#)
                    // What was created is the client's own, and answered.
                    #expect(answer.status < 300 || !answer.text.contains(canary))
                }
            }
        }
        #expect(try await service.client.send("GET", ServiceClient.products).text.contains(canary))
        let metrics = try await service.client.send("GET", "/metrics", [("Accept", "application/openmetrics-text")])
            .text
        #expect(!metrics.contains(canary) && !metrics.contains(TestCredentials.secret))
        for target in [
            "http://user:\(canary)@a/", "http://a/x?\(canary)", "/x#\(canary)", "user:\(canary)@a:443", "//\(canary)@a",
        ] {
            for method in ["GET", "CONNECT"] {
                _ = try WireExchange(port: service.client.port).send(
                    Array("\(method) \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
            }
        }
        let bad = "GET /health?token=\(canary) HTTP/1.1\r\nHost: a\r\nAuthorization: \(canary)\r\nX : \(canary)\r\n\r\n"
        _ = try WireExchange(port: service.client.port).send(Array(bad.utf8))
        try await service.stop()
        #expect(!service.process.log.contains(canary))
        #expect(service.process.log.contains("url.path"))
    }

    @Test func `K18: a hostile request id is replaced`() async throws {
        let service = try await RunningService.start()
        for length in [129, 10_000] {
            let id = String(repeating: "a", count: length)
            let answer = try await service.client.send("GET", ServiceClient.products, [("X-Request-Id", id)])
            #expect(answer.status == 200 && answer.header("X-Request-Id")?.count == 32)
        }
        let id = String(repeating: "a", count: 64 << 10)
        #expect(try await service.client.send("GET", "/health", [("X-Request-Id", id)]).status == 431)
        try await service.stop()
        #expect(!service.process.log.contains("aaaaaaaa"))
    }

    @Test func `each request is one line with its id, its route and what became of it`() async throws {
        let service = try await RunningService.start()
        let path = "\(ServiceClient.products)/0196c3a5-0000-7000-8000-000000000000"
        _ = try await service.client.send(
            "GET", "\(path)?secret=1", [("X-Request-Id", "mine"), ("User-Agent", String(repeating: "u", count: 300))])
        _ = try await service.client.create()
        let absolute = "GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n"
        _ = try WireExchange(port: service.client.port).send(Array(absolute.utf8))
        let listing = "GET http://a\(ServiceClient.products) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        _ = try WireExchange(port: service.client.port).send(Array(listing.utf8))
        try await service.stop()
        #expect(
            service.accessLines(of: ServiceClient.products).allSatisfy {
                $0["http.route"] as? String == ServiceClient.products
            })
        #expect(service.accessLines(of: ServiceClient.products).count == 2)
        let line = try #require(service.accessLines(of: path).first)
        #expect(line["request.id"] as? String == "mine" && line["http.request.method"] as? String == "GET")
        #expect(line["http.route"] as? String == "\(ServiceClient.products)/{id}")
        #expect(line["http.response.status_code"] as? Int == 404 && line["level"] as? String == "info")
        #expect((line["user_agent"] as? String)?.count == 201)
        #expect((line["duration_ms"] as? Double).map { $0 > 0 && $0 < 10_000 } == true)
        let write = try #require(service.accessLines(of: ServiceClient.products).first)
        #expect(write["request.bytes"] as? Int == ServiceClient.laptop.utf8.count)
        #expect((write["response.bytes"] as? Int).map { $0 > 100 } == true)
        // Probes are for those who debug.
        #expect(service.accessLines(of: "/readyz").isEmpty)
    }

    @Test func `as text the same is for people to read`() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        let process = try ServiceProcess(
            [
                "serve", "--http-port", "\(port)", "--database-url", "sqlite:\(folder("products.db"))", "--log-format",
                "text",
            ])
        let client = ServiceClient(port: port)
        try await wait(for: "service") { (try? await client.send("GET", "/readyz").status) == 200 }
        _ = try await client.send("GET", ServiceClient.products, [("User-Agent", "a \"b\"")])
        process.kill(SIGTERM)
        #expect(try await process.exitCode() == 0)
        let lines = process.log.split(separator: "\n")
        let line = try #require(lines.first { $0.contains("url.path=\(ServiceClient.products)") })
        #expect(line.contains(" info access: request trace_id=") && line.contains(#"user_agent="a \"b\"""#))
    }

    /// Fault row K11: the service whose log goes nowhere.
    private func expectService(under launcher: [String]) async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.next()
        let process = try ServiceProcess(
            ["serve", "--http-port", "\(port)", "--database-url", "sqlite:\(folder("products.db"))"], launcher: launcher
        )
        let client = ServiceClient(port: port)
        try await wait(for: "service") { (try? await client.send("GET", "/readyz").status) == 200 }
        for _ in 0..<50 { #expect(try await client.create().status == 201) }
        process.kill(SIGTERM)
        #expect(try await process.exitCode(within: .seconds(10)) == 0)
        let database = try DatabaseQueue(path: folder("products.db"))
        #expect(try await database.read { try String.fetchOne($0, sql: "pragma integrity_check") } == "ok")
    }

    @Test func `K11: a closed output harms nothing, the database least of all`() async throws {
        try await expectService(under: ["sh", "-c", "exec \"$@\" >&-", "sh"])
        try await expectService(under: ["sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"])
    }

    @Test func `K11: a full disk under the log harms nothing`() async throws {
        try await expectService(under: ["sh", "-c", "exec \"$@\" > /dev/full", "sh"])
    }

    @Test func `K11: while nobody reads the log, requests are served; lines are dropped and counted`() async throws {
        let port = try FreePort.next()
        let process = try ServiceProcess(
            ["serve", "--http-port", "\(port)", "--database-url", "memory:", "--log-level", "debug"], readsOutput: false
        )
        let client = ServiceClient(port: port)
        try await wait(for: "service") { (try? await client.send("GET", "/readyz").status) == 200 }
        let requests = String(repeating: "GET /health HTTP/1.1\r\nHost: a\r\n\r\n", count: 500) + WireCase.last
        for _ in 0..<12 {
            let answer = try WireExchange(port: port).send(Array(requests.utf8))
            #expect(try HTTPMessage.Response.all(in: answer).count == 501)
        }
        process.readOutput()
        try await wait(for: "the count of dropped lines") {
            _ = try await client.send("GET", "/health")
            return process.logLines.contains {
                $0["message"] as? String == "log lines were dropped: the reader of the log is too slow"
            }
        }
        process.kill(SIGTERM)
        #expect(try await process.exitCode() == 0)
        let lines = process.logLines
        let dropped = lines.compactMap { $0["count"] as? Int }.reduce(0, +)
        let written = lines.count { $0["url.path"] as? String == "/health" }
        #expect(dropped > 0 && dropped + written >= 12 * 501)
        #expect(lines.count == process.log.split(separator: "\n").count)
    }
}
