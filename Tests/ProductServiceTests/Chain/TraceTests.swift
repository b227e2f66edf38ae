// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Testing

@Suite(.serialized) struct `Traces over HTTP` {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "00-\(trace)-b7ad6b7169203331-01"

    private func traceparent(_ answer: HTTPMessage.Response) throws -> (
        trace: Substring, span: Substring, flags: Substring
    ) {
        let value = try #require(answer.header("traceparent"))
        let match = try #require(value.wholeMatch(of: /00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-3])/), "\(value)")
        return (match.1, match.2, match.3)
    }

    @Test func `the caller's trace goes on under a span of its own, and one without begins here`() async throws {
        let service = try await RunningService.start(["--trace-sampling-ratio", "0"])
        var spans: Set<Substring> = []
        for (flags, expected) in [("01", "01"), ("00", "00"), ("03", "03"), ("ff", "03"), ("fc", "00")] {
            let header = [("traceparent", "00-\(Self.trace)-b7ad6b7169203331-\(flags)")]
            let found = try traceparent(try await service.client.send("GET", "/health", header))
            #expect(found.trace == Self.trace && found.flags == expected)
            spans.insert(found.span)
        }
        let first = try traceparent(try await service.client.send("GET", "/health"))
        let second = try traceparent(try await service.client.send("GET", "/none"))
        #expect(first.trace != second.trace && first.flags == "02")
        #expect(spans.count == 5 && !spans.contains("b7ad6b7169203331"))
        // What the edge itself refuses has its trace, too.
        let refused = try WireExchange(port: service.client.port).send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        _ = try traceparent(try #require(try HTTPMessage.Response.all(in: refused).first))
        try await service.stop()
    }

    @Test(arguments: [
        [("traceparent", parent), ("traceparent", parent)], [("traceparent", "")],
        [("traceparent", parent.uppercased())],
        [("traceparent", parent + "-x")], [("traceparent", "ff" + parent.dropFirst(2))],
        [("traceparent", String(repeating: "0", count: 15_000))],
        [("traceparent", "00-\(trace)\t-b7ad6b7169203331-01")],
        [("traceparent", parent.replacing(trace, with: String(repeating: "0", count: 32)))],
    ])
    func `K18: a malformed traceparent begins a new trace`(headers: [(String, String)]) async throws {
        let service = try await RunningService.start()
        let answer = try await service.client.send("GET", "/health", headers.map { (name: $0.0, value: $0.1) })
        let found = try traceparent(answer)
        #expect(answer.status == 200 && found.trace != Self.trace)
        try await service.stop()
        #expect(!service.process.log.contains("b7ad6b7169203331"))
    }

    @Test func `every line of a request tells its trace, also those of libraries`() async throws {
        let service = try await RunningService.start(["--log-level", "trace", "--trace-sink", "log"])
        _ = try await service.client.send("GET", ServiceClient.products, [("traceparent", Self.parent)])
        _ = try await service.client.send(
            "GET", ServiceClient.products, [("traceparent", Self.parent), ("Authorization", "Bearer x.y.z")])
        try await service.stop()
        let lines = service.process.logLines.filter { $0["request.id"] != nil }
        let ours = lines.filter { $0["trace_id"] as? String == Self.trace }
        #expect(
            lines.allSatisfy { ($0["trace_id"] as? String)?.count == 32 && ($0["span_id"] as? String)?.count == 16 })
        #expect(ours.contains { $0["logger"] as? String == "access" && $0["trace_flags"] as? String == "01" })
        #expect(ours.contains { $0["message"] as? String == "a token was refused" })
        let spans = service.process.logLines.filter { $0["span.trace_id"] as? String == Self.trace }
        #expect(spans.contains { $0["span.name"] as? String == "GET \(ServiceClient.products)" })
        #expect(spans.allSatisfy { $0["span.parent_id"] as? String == "b7ad6b7169203331" })
    }

    @Test func `L20: work that the caller waits for no more ends, and does nothing`() async throws {
        let service = try await RunningService.start()
        let deadline = [(name: "X-Envoy-Expected-Rq-Timeout-Ms", value: "150")]
        #expect(try await service.client.send("GET", ServiceClient.products, deadline).status == 200)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: service.databasePath, configuration: configuration)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "begin exclusive") }
        let late = try await service.client.send(
            "POST", ServiceClient.products, deadline, json: ServiceClient.laptop)
        #expect(late.status == 504)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "rollback") }
        try holder.close()
        // One more write, behind which a late one would have happened, too.
        #expect(try await service.client.create().status == 201)
        let list = try await service.client.send("GET", ServiceClient.products)
        #expect(try list.member("products", as: [Any].self).count == 1)
        for value in ["0", "-1", "x", "1.5", "99999999999", ""] {
            let answer = try await service.client.send(
                "GET", ServiceClient.products, [("X-Envoy-Expected-Rq-Timeout-Ms", value)])
            #expect(answer.status == 200, "\(value)")
        }
        try await service.stop()
    }
}
