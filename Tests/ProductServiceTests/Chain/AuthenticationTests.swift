// SPDX-License-Identifier: Apache-2.0

import Edge
import Foundation
import JWT
import ProductAPI
import ServiceTesting
import Testing

@Suite(.serialized) struct `Tokens over HTTP` {
    private static let challenge = #"Bearer error="invalid_token""#

    private func send(
        _ service: RunningService, _ method: String = "GET", _ target: String = ServiceClient.products,
        token: String, json: String? = nil
    ) async throws -> HTTPMessage.Response {
        try await service.client.send(method, target, [("Authorization", "Bearer \(token)")], json: json)
    }

    @Test func `without a token every route of the API is 401, and operations are not`() async throws {
        let service = try await RunningService.start()
        for route in ProductAPI.allRoutes {
            for method in route.methods {
                let target = route.path.replacing("{id}", with: "x").replacing("{check}", with: "database")
                let answer = try await service.client.send(method.rawValue, target, [("Authorization", "")])
                if route.access == .anyone {
                    #expect(answer.status != 401, "\(method) \(target)")
                } else {
                    #expect(
                        answer.status == 401 && answer.header("WWW-Authenticate") == "Bearer", "\(method) \(target)")
                }
            }
        }
        // What is no route at all tells nothing, and never reaches the router.
        for target in ["/none", "/api/v1/product%73", "/api/v1/products/a/b", "/API/V1/PRODUCTS"] {
            #expect(try await service.client.send("GET", target, [("Authorization", "")]).status == 404)
        }
        try await service.stop()
    }

    @Test func `C16: each route asks for its scope, and only the scope for writing writes`() async throws {
        let service = try await RunningService.start()
        let path = try #require(try await service.client.create().header("Location"))
        let (read, write) = ("products:read", "products:write")
        for route in ProductAPI.allRoutes where route.access != .anyone {
            #expect(route.access == .scopes(read: read, write: write), "\(route.path)")
            for method in route.methods {
                let isRead = method == .get || method == .head
                let target = route.path.replacing("{id}", with: isRead ? String(path.split(separator: "/")[3]) : "x")
                for scope in [
                    read, write, "", "products", "\(read)x", "PRODUCTS:READ", "openid \(isRead ? write : read)",
                ] {
                    let answer = try await send(
                        service, method.rawValue, target, token: TestCredentials.token(scope: scope),
                        json: isRead || method == .delete ? nil : ServiceClient.laptop)
                    let isAllowed = scope == (isRead ? read : write)
                    #expect((answer.status == 403) == !isAllowed, "\(method) \(target) '\(scope)': \(answer.status)")
                    if !isAllowed {
                        let needed = isRead ? read : write
                        #expect(
                            answer.header("WWW-Authenticate")
                                == #"Bearer error="insufficient_scope", scope="\#(needed)""#)
                    }
                }
            }
        }
        try await service.stop()
    }

    @Test func `every token that is refused gets the same answer, whatever the reason`() async throws {
        let service = try await RunningService.start(["--log-level", "debug"])
        let good = TestCredentials.token()
        let parts = good.split(separator: ".").map(String.init)
        func header(_ json: String) -> String {
            let signed = "\(Base64URL.encode(Array(json.utf8))).\(parts[1])"
            let tag = HMACSHA256(key: Array(TestCredentials.secret.utf8)).tag(for: signed.utf8)
            return "\(signed).\(Base64URL.encode(tag))"
        }
        let refused: [(reason: String, token: String)] = [
            ("signature", parts[0] + "." + parts[1] + "." + String(repeating: "A", count: 43)),
            ("malformed", "\(parts[0]).\(parts[1])"), ("malformed", "x"), ("algorithm", header(#"{"alg":"none"}"#)),
            ("algorithm", header(#"{"alg":"RS256"}"#)), ("critical", header(#"{"alg":"HS256","crit":["x"]}"#)),
            ("type", header(#"{"alg":"HS256","typ":"dpop+jwt"}"#)), ("key", header(#"{"alg":"HS256","kid":"other"}"#)),
            ("expired", TestCredentials.token(expiresIn: -100)), ("lifetime", TestCredentials.token(expiresIn: 90_000)),
            ("size", good + String(repeating: "A", count: 9000)),
            ("malformed", header(#"{"alg":"HS256","alg":"HS256"}"#)),
        ]
        var bodies: Set<String> = []
        for (reason, token) in refused {
            let answer = try await send(service, token: token)
            #expect(answer.status == 401 && answer.header("WWW-Authenticate") == Self.challenge, "\(reason)")
            bodies.insert(answer.text)
        }
        // T18: what is no bearer token at all.
        for value in [
            "bearer", "Bearer ", "Bearer  \(good)", "Bearer\t\(good)", "Basic YTpi", "Bearer \(good) x",
            "Bearer, \(good)",
            "\(good)", "Bearer=\(good)",
        ] {
            let answer = try await service.client.send("GET", ServiceClient.products, [("Authorization", value)])
            #expect(answer.status == 401 && answer.header("WWW-Authenticate")?.hasPrefix("Bearer") == true, "\(value)")
            bodies.insert(answer.text)
        }
        let two = [("Authorization", "Bearer \(good)"), ("Authorization", "Bearer \(good)")]
        let twice = try await service.client.send("GET", ServiceClient.products, two)
        let inQuery = try await service.client.send(
            "GET", ServiceClient.products + "?access_token=\(good)", [("Authorization", "")])
        for answer in [twice, inQuery] {
            #expect(answer.status == 401)
            bodies.insert(answer.text)
        }
        #expect(bodies.count == 1, "\(bodies)")
        for scheme in ["bearer", "BEARER", "BeArEr"] {
            let answer = try await service.client.send(
                "GET", ServiceClient.products, [("Authorization", "\(scheme) \(good)")])
            #expect(answer.status == 200)
        }
        let metrics = try await service.metrics()
        for (reason, count) in Dictionary(refused.map { ($0.reason, 1.0) }, uniquingKeysWith: +) {
            #expect(metrics[#"auth_failures_total{reason="\#(reason)"}"#] == count, "\(reason)")
        }
        try await service.stop()
        let debug = service.process.logLines.filter { $0["message"] as? String == "a token was refused" }
        #expect(Set(debug.compactMap { $0["reason"] as? String }) == Set(refused.map(\.reason)))
        // K13: neither tokens nor keys are in the log, whatever its level.
        #expect(!service.process.log.contains(parts[1]) && !service.process.log.contains(TestCredentials.secret))
    }

    @Test func `T10: a key that a token brings, or points to, is never fetched`() async throws {
        let keys = try ListeningSocket()
        let service = try await RunningService.start()
        let url = "http://127.0.0.1:\(keys.port)/"
        let token = TestCredentials.sign(header: #"{"alg":"HS256","jku":"\#(url)","x5u":"\#(url)","kid":"\#(url)"}"#)
        for _ in 0..<20 { #expect(try await send(service, token: token).status == 401) }
        // Signed as it must be, the headers are not in the way, and still nobody asks there.
        let signed = TestCredentials.sign(header: #"{"alg":"HS256","jku":"\#(url)","x5u":"\#(url)"}"#)
        for _ in 0..<20 { #expect(try await send(service, token: signed).status == 200) }
        #expect(!keys.hasCaller)
        try await service.stop()
        // The listener does notice a caller.
        _ = try RawSocket(to: keys.port)
        #expect(keys.hasCaller)
    }

    @Test func `T20: tokens go by the wall clock, and the limits do not`() async throws {
        let folder = try TemporaryFolder()
        let clock = try FakeClock(in: folder)
        let service = try await RunningService.start(
            in: folder,
            environment: clock.environment.merging(["RATE_LIMIT_RATE": "1/d", "RATE_LIMIT_BURST": "3"]) { $1 },
            launcher: clock.launcher)
        #expect(try await send(service, token: TestCredentials.token(subject: "a")).status == 200)
        for offset in ["+3700", "-3700"] {
            try clock.set(offset)
            #expect(try await send(service, token: TestCredentials.token(subject: "a")).status == 401, "\(offset)")
        }
        try clock.set("+0")
        // A day later by the wall clock nothing has come back: two are left of three.
        let statuses = [
            try await send(service, token: TestCredentials.token(subject: "a")).status,
            try await send(service, token: TestCredentials.token(subject: "a")).status,
            try await send(service, token: TestCredentials.token(subject: "a")).status,
        ]
        #expect(statuses == [200, 200, 429])
        try clock.set("+86400")
        let later = TestCredentials.token(subject: "a", expiresIn: 86_400 * 2, tellsIssue: false)
        #expect(try await send(service, token: later).status == 429)
        try await service.stop()
    }
}
