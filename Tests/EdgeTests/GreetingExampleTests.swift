// SPDX-License-Identifier: Apache-2.0

import Edge
import Hummingbird
import ServiceTesting
import Testing

/// The example in the documentation of ``EdgeMiddleware``, letter by letter.
private struct Greeting: EdgeMiddleware {
    private let reply = Reply(
        status: .ok, fields: [.contentType: "text/plain"], body: ByteBuffer(string: "Hello"))

    func receive(_ exchange: inout Exchange) -> Verdict {
        exchange.request?.path == "/greeting" ? .respond(reply) : .proceed
    }
}

@Suite struct `The example of the documentation` {
    @Test func `answers as it says`() async throws {
        let greeting = Greeting()
        try await RunningEdge.serve(middleware: { greeting.receive(&$0) }, routes: { _ in }) { port, _ in
            let last = "GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answer = try WireExchange(port: port).send(
                Array(("GET /greeting HTTP/1.1\r\nHost: a\r\n\r\n" + last).utf8))
            let responses = try HTTPMessage.Response.all(in: answer)
            #expect(responses.map(\.status) == [200, 404] && responses.first?.text == "Hello")
        }
    }
}
