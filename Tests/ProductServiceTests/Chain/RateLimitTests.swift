// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `Rate limits over HTTP` {
    private func get(
        _ service: RunningService, as subject: String = "a", _ headers: [(name: String, value: String)] = []
    ) async throws -> HTTPMessage.Response {
        let token = TestCredentials.token(subject: subject)
        return try await service.client.send(
            "GET", ServiceClient.products, [("Authorization", "Bearer \(token)")] + headers)
    }

    @Test func `L6: a caller is told how things stand, and a refusal when to come back`() async throws {
        let service = try await RunningService.start(environment: ["RATE_LIMIT_RATE": "1/m", "RATE_LIMIT_BURST": "3"])
        for left in [2, 1, 0] {
            let answer = try await get(service)
            #expect(answer.status == 200 && answer.header("RateLimit-Policy") == #""caller";q=3;w=180"#)
            #expect(answer.header("RateLimit")?.hasPrefix("\"caller\";r=\(left);t=") == true)
        }
        let refused = try await get(service)
        #expect(refused.status == 429)
        #expect(
            try refused.member("type", as: String.self)
                == "https://iana.org/assignments/http-problem-types#quota-exceeded")
        #expect(try refused.member("violated-policies", as: [String].self) == ["caller"])
        let wait = try #require(refused.header("Retry-After").flatMap { Int($0) })
        let told = try #require(refused.header("RateLimit")?.split(separator: "t=").last.flatMap { Int($0) })
        #expect((1...60).contains(wait) && wait >= told)
        // L9: others have buckets of their own, whatever their names look like.
        for subject in ["b", "a:", "a b", "{a}", "A", "a/b", "аa"] {
            #expect(try await get(service, as: subject).status == 200, "\(subject)")
        }
        let metrics = try await service.metrics()
        #expect(metrics[#"ratelimit_requests_total{decision="deny",limiter="caller"}"#] == 1)
        #expect(metrics[#"ratelimit_requests_total{decision="allow",limiter="caller"}"#] == 10)
        #expect(metrics[#"ratelimit_keys{limiter="caller"}"#] == 8)
        try await service.stop()
    }

    @Test func `L7: whoever waits as long as told is served`() async throws {
        let service = try await RunningService.start(environment: ["RATE_LIMIT_RATE": "2/s", "RATE_LIMIT_BURST": "2"])
        var refusals = 0
        for _ in 0..<6 {
            let answer = try await get(service)
            guard answer.status == 429 else { continue }
            refusals += 1
            let wait = try #require(answer.header("Retry-After").flatMap { Int($0) })
            try await Task.sleep(for: .seconds(wait))
            #expect(try await get(service).status == 200)
        }
        #expect(refusals > 0)
        try await service.stop()
    }

    @Test func `L1, L2: many connections of one caller get what one would`() async throws {
        let service = try await RunningService.start(environment: ["RATE_LIMIT_RATE": "50/s", "RATE_LIMIT_BURST": "20"])
        let request = ServiceClient.request("GET", "/openapi.json")
        let begin = ContinuousClock.now
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let connection = try await HTTPConnection.connect(to: service.client.port)
                    var statuses: [Int] = []
                    while ContinuousClock.now - begin < .seconds(2) {
                        try await connection.send(request)
                        statuses.append(try await connection.receive().status)
                    }
                    await connection.close()
                    return statuses
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = (ContinuousClock.now - begin) / .seconds(1)
        let admitted = statuses.count { $0 == 200 }
        #expect(Double(admitted) <= 20 + 50 * elapsed + 1)
        #expect(Double(admitted) >= 0.98 * 50 * 2)
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 429 } && statuses.count > admitted)
        try await service.stop()
    }

    @Test func `L21: what each answer costs`() async throws {
        let service = try await RunningService.start(environment: [
            "RATE_LIMIT_RATE": "1/d", "RATE_LIMIT_BURST": "4", "RATE_LIMIT_ADDRESS_RATE": "1/d",
            "RATE_LIMIT_ADDRESS_BURST": "100", "CORS_ALLOWED_ORIGINS": "https://a.example",
        ])
        func left() async throws -> (address: Double, caller: Double) {
            let metrics = try await service.metrics()
            return (
                metrics[#"ratelimit_requests_total{decision="allow",limiter="address"}"#] ?? 0,
                metrics[#"ratelimit_requests_total{decision="allow",limiter="caller"}"#] ?? 0
            )
        }
        func cost(_ method: String, _ target: String, _ authorization: String) async throws -> (Int, Double, Double) {
            let before = try await left()
            let status = try await service.client.send(method, target, [("Authorization", authorization)]).status
            let after = try await left()
            return (status, after.address - before.address, after.caller - before.caller)
        }
        let good = "Bearer \(TestCredentials.token())"
        let table: [(String, String, String, (Int, Double, Double))] = [
            ("GET", "/health", "", (200, 0, 0)), ("GET", "/livez", "", (200, 0, 0)),
            ("GET", "/metrics", "", (200, 0, 0)),
            ("GET", ServiceClient.products, "", (401, 1, 0)), ("GET", ServiceClient.products, "Bearer x", (401, 1, 0)),
            ("GET", ServiceClient.products, "Bearer \(TestCredentials.token(scope: "x"))", (403, 1, 0)),
            ("GET", "/none", good, (404, 1, 0)), ("GET", "\(ServiceClient.products)/x", good, (404, 1, 1)),
            ("GET", ServiceClient.products, good, (200, 1, 1)), ("DELETE", ServiceClient.products, good, (405, 1, 1)),
            ("GET", ServiceClient.products, good, (200, 1, 1)), ("GET", ServiceClient.products, good, (429, 1, 0)),
        ]
        for (method, target, authorization, expected) in table {
            let found = try await cost(method, target, authorization)
            #expect(found == expected, "\(method) \(target): \(found)")
        }
        // What is answered before the limits costs nothing.
        let before = try await left()
        let preflight = [
            ("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET"), ("Authorization", ""),
        ]
        #expect(try await service.client.send("OPTIONS", ServiceClient.products, preflight).status == 204)
        let wire = WireExchange(port: service.client.port)
        for request in [
            "GET / HTTP/1.1\r\n\r\n", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        ] {
            _ = try wire.send(Array(request.utf8), endsHalf: true)
        }
        #expect(try await left() == before)
        // What others behind the same address have used is not told.
        let stranger = try await service.client.send("GET", ServiceClient.products, [("Authorization", "")])
        #expect(stranger.header("RateLimit") == nil && stranger.header("RateLimit-Policy") == nil)
        try await service.stop()
    }

    @Test func `T22: bad tokens are stopped by their address before they are looked at, and probes never are`()
        async throws
    {
        let service = try await RunningService.start(environment: [
            "RATE_LIMIT_ADDRESS_RATE": "1/d", "RATE_LIMIT_ADDRESS_BURST": "50",
        ])
        let bad = "GET \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a.b.c\r\n\r\n"
        let socket = try RawSocket(to: service.client.port, from: "127.0.0.9")
        socket.send(String(repeating: bad, count: 200) + WireCase.last)
        let statuses = try HTTPMessage.Response.all(in: try socket.receiveToEnd()).map(\.status)
        #expect(statuses == Array(repeating: 401, count: 50) + Array(repeating: 429, count: 150) + [200])
        let metrics = try await service.metrics()
        #expect(metrics[#"auth_requests_total{result="invalid"}"#] == 50)
        // From another address all is well.
        #expect(try await get(service).status == 200)
        for probe in ["/health", "/livez", "/readyz", "/metrics"] {
            let prober = try RawSocket(to: service.client.port, from: "127.0.0.9")
            prober.send("GET \(probe) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try HTTPMessage.Response.all(in: try prober.receiveToEnd()).map(\.status) == [200])
        }
        try await service.stop()
    }

    @Test func `W25: a forwarded address counts only from a proxy that is trusted, and only the header it writes`()
        async throws
    {
        let limits = ["RATE_LIMIT_ADDRESS_RATE": "1/d", "RATE_LIMIT_ADDRESS_BURST": "1"]
        let open = try await RunningService.start(environment: limits)
        #expect(try await get(open, [("X-Forwarded-For", "192.0.2.1")]).status == 200)
        #expect(try await get(open, [("X-Forwarded-For", "192.0.2.2"), ("X-Real-IP", "192.0.2.3")]).status == 429)
        try await open.wait(forLog: "TRUSTED_PROXIES")
        try await open.stop()

        let behind = try await RunningService.start(
            environment: limits.merging(["TRUSTED_PROXIES": "127.0.0.1/32, 10.0.0.0/8"]) { $1 })
        let cases: [(header: String, value: String, status: Int)] = [
            ("X-Forwarded-For", "192.0.2.1", 200), ("X-Forwarded-For", "192.0.2.1", 429),
            // The client wrote what is left of its own address; past trusted proxies the way goes on.
            ("X-Forwarded-For", "203.0.113.9, 192.0.2.1", 429), ("X-Forwarded-For", "192.0.2.4, 10.1.2.3", 200),
            ("X-Forwarded-For", "192.0.2.4:5678 , 10.1.2.3", 429), ("X-Forwarded-For", "[2001:db8::1]:80", 200),
            // The same network of 64 bits.
            ("X-Forwarded-For", "2001:db8::ffff", 429), ("X-Forwarded-For", "2001:db8:0:1::1", 200),
            ("X-Forwarded-For", "::ffff:192.0.2.1", 429),
            // A comma is one, whatever a client has written before it.
            ("X-Forwarded-For", "x\u{600}, 192.0.2.60", 200), ("X-Forwarded-For", "\u{301}, 192.0.2.60", 429),
            // What is no address, or is not there: the proxy itself.
            ("X-Forwarded-For", "unknown", 200), ("X-Forwarded-For", "192.0.2.7, garbage", 429), ("X-Other", "x", 429),
            ("Forwarded", "for=192.0.2.77", 429),
        ]
        for (header, value, status) in cases {
            #expect(try await get(behind, [(header, value)]).status == status, "\(header): \(value)")
        }
        let lines = behind.accessLines(of: ServiceClient.products)
        #expect(lines.contains { $0["client.address"] as? String == "192.0.2.4" })
        try await behind.stop()

        let standard = try await RunningService.start(
            environment: limits.merging(["TRUSTED_PROXIES": "127.0.0.1", "TRUSTED_PROXY_HEADER": "forwarded"]) { $1 })
        for (value, status) in [
            ("for=192.0.2.1;proto=https", 200), ("For=\"192.0.2.1:80\"", 429), ("for=\"[2001:db8::1]\"", 200),
            ("for=_hidden", 200), ("for=192.0.2.9, for=192.0.2.1", 429), ("by=192.0.2.50", 429),
        ] {
            #expect(try await get(standard, [("Forwarded", value)]).status == status, "\(value)")
        }
        #expect(try await get(standard, [("X-Forwarded-For", "192.0.2.99")]).status == 429)
        try await standard.stop()
    }

    @Test func `L22: the mode is taken over from the file while the service runs, and shadow refuses nothing`()
        async throws
    {
        let folder = try TemporaryFolder()
        let file = folder("c.yaml")
        func write(_ mode: String) throws {
            try "rate.limit.mode: \(mode)\n".write(toFile: file, atomically: true, encoding: .utf8)
        }
        try write("enforce")
        let service = try await RunningService.start(
            in: folder, ["--config", file, "--reload-interval", "50ms"],
            environment: ["RATE_LIMIT_RATE": "1/d", "RATE_LIMIT_BURST": "1"])
        #expect(try await get(service).status == 200)
        #expect(try await get(service).status == 429)
        try write("shadow")
        try await wait(for: "shadow") { try await get(service).status == 200 }
        try await service.wait(forLog: "would have been refused")
        #expect(try await get(service).header("RateLimit") == nil)
        // A file that is wrong changes nothing.
        try write("nonsense")
        try await service.wait(forLog: "changes nothing")
        #expect(try await get(service).status == 200)
        try write("off")
        try await service.wait(forLog: #""mode":"off""#)
        let before = try await service.metrics()[#"ratelimit_requests_total{decision="deny",limiter="caller"}"#]
        #expect(try await get(service).status == 200)
        let after = try await service.metrics()[#"ratelimit_requests_total{decision="deny",limiter="caller"}"#]
        #expect(before == after && after ?? 0 > 1)
        try write("enforce")
        try await wait(for: "limits again") { try await get(service).status == 429 }
        try await service.stop()
    }
}
