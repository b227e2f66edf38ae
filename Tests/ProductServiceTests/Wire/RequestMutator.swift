// SPDX-License-Identifier: Apache-2.0

import ProductsTesting
import ServiceTesting

/// Makes requests that are a little wrong out of ones that are right, the same ones for the same seed.
struct RequestMutator: Sendable {
    let seed: UInt64

    private static let originals: [[UInt8]] = [
        "GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /api/v1/products?limit=5&sort=-price HTTP/1.1\r\nHost: a:80\r\n\(TestCredentials.line)Accept: application/json\r\n\r\n",
        "GET /api/v1/products/0196c3a5-0000-7000-8000-000000000000 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"1\"\r\n\r\n",
        "DELETE /api/v1/products/0196c3a5-0000-7000-8000-000000000000 HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Connection: keep-alive\r\nUser-Agent: curl/8\r\n\r\n",
        "POST /api/v1/products HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\nContent-Length: 22\r\n\r\n{\"name\":\"a\",\"price\":1}",
        "POST /api/v1/products HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n16\r\n{\"name\":\"a\",\"price\":1}\r\n0\r\n\r\n",
        "PUT /api/v1/products/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/health HTTP/1.1\r\nHost: a\r\nX-Request-Id: abc\r\n\r\n",
        "GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
    ].map { Array($0.utf8) }

    private static let pieces: [[UInt8]] = [
        "\r\n", "\r", "\n", "\0", " ", "\t", ":", "%00", "%zz", "%", "?", "#", "//", "..", "Host: b\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "fffffffffffffffff\r\n",
        "Connection: close\r\n", "Connection: keep-alive\r\n", "connection: CLOSE \r\n", "Proxy-Connection: close\r\n",
        "Trailer: X\r\n",
        "\u{e4}", "\u{7f}", "\"", "|", "^", "{}", "<>",
        "Upgrade: h2c\r\nConnection: upgrade\r\n", "Expect: 100-continue\r\n", "HTTP/2.0",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{fffd}",
    ].map { Array($0.utf8) }

    func request(number: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        var request = Self.originals.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) { mutate(&request, using: &generator) }
        return request
    }

    private func mutate(_ request: inout [UInt8], using generator: inout SeededGenerator) {
        guard !request.isEmpty else { return }
        let start = Int.random(in: 0..<request.count, using: &generator)
        let end = min(request.count, start + Int.random(in: 1...20, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: request[start] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: request[start] = .random(in: 0...255, using: &generator)
        case 2: request.removeSubrange(start..<end)
        case 3: request.insert(contentsOf: request[start..<end], at: start)
        case 4: request.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? [], at: start)
        default: request = Array(request[..<end]) + (Self.originals.randomElement(using: &generator) ?? [])
        }
    }
}
