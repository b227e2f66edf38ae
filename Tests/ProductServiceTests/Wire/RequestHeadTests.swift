// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `Requests on the wire` {
    private static func get(_ lines: String..., target: String = "/health", version: String = "1.1") -> String {
        "GET \(target) HTTP/\(version)\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    private static func post(_ lines: String..., body: String) -> String {
        "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\n"
            + lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    private static let hosts: [WireCase] =
        [
            .refused("W1: no Host", get(), 400),
            .refused("W1: two Hosts", get("Host: a", "Host: a"), 400),
            .answered("W1: a Host with a port", get("Host: shop.example:8080"), 200),
            .answered("W1: an IPv6 Host", get("Host: [::1]:8080"), 200),
        ]
        + ["", "a b", "a/b", "user@a", "a:b", "a:123456", "[::1", "[g]", "a,b", "\u{e4}", "a%00b"].map {
            .refused("W1: Host '\($0)'", get("Host: \($0)"), 400)
        }

    private static let framing: [WireCase] =
        [
            .refused(
                "W2: coding and length", post("Content-Length: 2", "Transfer-Encoding: chunked", body: "0\r\n\r\n"), 400
            ),
            .refused(
                "W2: length and coding", post("Transfer-Encoding: chunked", "Content-Length: 2", body: "0\r\n\r\n"), 400
            ),
            .refused("W2: two lengths", post("Content-Length: 2", "Content-Length: 3", body: "{}"), 400),
            .refused("W2: the same length twice", post("Content-Length: 2", "Content-Length: 2", body: "{}"), 400),
            .refused(
                "W2: a coding twice",
                post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: "0\r\n\r\n"), 400),
            .refused("W2: a coding on HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ]
        + ["+5", "-1", "5,5", "0x5", "5 5", "18446744073709551616", "9223372036854775808", ""].map {
            .refused("W2: Content-Length '\($0)'", post("Content-Length: \($0)", body: "{}"), 400)
        }
        + ["chunked, identity", "xchunked", "gzip, chunked", "identity", "chunked;q=1", "chunk"].map {
            .refused("W2: Transfer-Encoding '\($0)'", post("Transfer-Encoding: \($0)", body: "0\r\n\r\n"), 400)
        }

    private static let chunks: [WireCase] = [
        "0x5\r\nhello", "_5\r\nhello", "+5\r\nhello", "-5\r\nhello", "11111111111111111\r\nhello", "5\r\nhelloXX",
        "5\nhello\n", "5\r\nhello\n", "5\r\rhello", "\r\n", " 5\r\nhello", "g\r\n", ";x\r\n",
    ].map { .refused("W3: chunk '\($0.debugDescription)'", post("Transfer-Encoding: chunked", body: $0), 400) }

    private static let fields: [WireCase] = [
        .refused("W4: bare LF behind the request line", "GET /health HTTP/1.1\nHost: a\r\n\r\n", 400),
        .refused("W4: bare LF behind a field", "GET /health HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
        .refused("W4: a bare CR in a value", get("Host: a", "X: b\rc"), 400),
        .refused("W4: NUL in a value", get("Host: a", "X: b\0c"), 400),
        .refused("W4: NUL in a name", get("Host: a", "X\0Y: b"), 400),
        .refused("W4: a folded line", get("Host: a", "X: b", " c"), 400),
        .refused("W4: a line that begins with a space", get(" Host: a"), 400),
        .refused("W4: a space before the colon", get("Host: a", "X : b"), 400),
        .refused("W4: no name", get("Host: a", ": b"), 400),
        .refused("W4: no colon", get("Host: a", "X"), 400),
        .refused("W4: a control character", get("Host: a", "X: \u{1}"), 400),
    ]

    private static let targets: [WireCase] =
        [
            .answered("W6: absolute form", get("Host: a", target: "http://shop.example/health"), 200),
            .answered("W6: absolute form without a path", get("Host: a", target: "http://shop.example"), 404),
            .answered("W6: an escape in the path", get("Host: a", target: "/he%61lth%20"), 404),
            .refused("W6: authority form", get("Host: a", target: "shop.example:80"), 400),
            .refused("W6: asterisk", get("Host: a", target: "*"), 400),
            .refused("W6: another scheme", get("Host: a", target: "ftp://a/health"), 400),
            .refused(
                "W6: a target of 9 KiB", get("Host: a", target: "/" + String(repeating: "a", count: 9 << 10)), 414),
        ]
        + [
            "/%zz", "/%", "/%4", "/a?%zz", "/%ff", "/%c3%28", "//health", "/a//b", "/../health", "/a/./b",
            "/%2e%2e/health", "/a#b", "/\u{e4}",
        ].map {
            .refused("W6: target '\($0)'", get("Host: a", target: $0), 400)
        }

    private static let methods: [WireCase] = [
        .notAllowed("W7: TRACE of a known path", "TRACE"), .notAllowed("W7: PURGE of a known path", "PURGE"),
        .notAllowed("W7: DELETE of a path that knows none", "DELETE"),
        .refused(
            "W7: a method of 4 KiB", String(repeating: "A", count: 4096) + " /health HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        .answered("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204),
        .refused("W7: CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        .refused("W7: FOO", "FOO /health HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        .refused("W7: a method in lower case", "get /health HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ]

    private static let expectations: [WireCase] = [
        WireCase(
            name: "W9: 100-continue",
            bytes: Array(
                (post("Content-Length: 22", "Expect: 100-continue", body: #"{"name":"a","price":1}"#) + WireCase.last)
                    .utf8),
            statuses: [201, 200], continues: 1),
        .refused("W9: too long", post("Content-Length: 2000000", "Expect: 100-continue", body: ""), 413),
        .refused("W9: another expectation", post("Content-Length: 2", "Expect: foo", body: "{}"), 417),
    ]

    private static let persistence: [WireCase] = [
        .refused("W20: HTTP/1.0", "GET /health HTTP/1.0\r\n\r\n", 200),
        .refused("W20: Connection: Close", get("Host: a", "Connection: Close"), 200),
        .refused("W20: Connection: close, te", get("Host: a", "Connection: close, te"), 200),
        .refused("an upgrade is not made", get("Host: a", "Connection: upgrade", "Upgrade: h2c"), 200),
        .answered("HTTP/1.0 that would stay", "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200),
        .answered("white space behind a value", get("Host: a \t", "Content-Length: 0 ", "Expect: 100-continue "), 200),
        .answered("empty lines before a request", "\r\n\r\n" + get("Host: a"), 200),
    ]

    private static let bodiless: [WireCase] = [
        .answered("W21: HEAD", "HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n", 200, isBodiless: true),
        .answered("W21: HEAD of nothing", "HEAD /none HTTP/1.1\r\nHost: a\r\n\r\n", 404, isBodiless: true),
        .answered(
            "W21: HEAD of a list", "HEAD \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n",
            200, isBodiless: true),
    ]

    static let cases =
        hosts + framing + chunks + fields + targets + methods + expectations + persistence + bodiless + otherProtocols

    /// Fault row W21, for answers that need a product: the body that a 204 and a 304 do not have would be the next
    /// answer.
    private func bodilessAnswers(at client: ServiceClient) async throws -> [WireCase] {
        let created = try await client.create()
        let path = try #require(created.header("Location"))
        let tag = try #require(created.header("ETag"))
        let kept = "GET \(path) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)If-None-Match: \(tag)\r\n\r\n"
        let gone = "DELETE \(path) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n"
        return [
            .answered("W21: 304", kept, 304),
            WireCase(
                name: "W21: 204, once", bytes: Array((gone + gone + WireCase.last).utf8), statuses: [204, 404, 200]),
        ]
    }

    private static let otherProtocols: [WireCase] = [
        .refused("W24: the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        .refused("W24: a TLS hello", [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0, 0, 1, 3], 400),
        .refused("W24: HTTP/2.0", get("Host: a", version: "2.0"), 400),
        .refused("W24: HTTP/0.9", "GET /health\r\n\r\n", 400),
        .refused("W24: HTTP/1.2", get("Host: a", version: "1.2"), 400),
        .refused("W24: another protocol", "SSH-2.0-OpenSSH_9.2\r\n", 501),
    ]

    @Test
    func `W1-W4, W6, W7, W9, W20, W21, W24: each is answered as it must, and what hides behind it is not executed`()
        async throws
    {
        let service = try await RunningService.start()
        for wireCase in Self.cases { try await wireCase.check(at: service.client.port) }
        let bodiless = try await bodilessAnswers(at: service.client)
        try await bodiless[0].check(at: service.client.port)
        try bodiless[1].checkWhole(at: service.client.port)
        #expect(try await service.client.send("GET", "/health").status == 200)
        try await service.stop()
        #expect(!service.process.log.contains("/smuggled"))
    }
}
