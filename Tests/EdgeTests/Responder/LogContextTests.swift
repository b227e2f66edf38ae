// SPDX-License-Identifier: Apache-2.0

import Edge
import Foundation
import Hummingbird
import Logging
import ServiceTesting
import StructuredLogging
import Testing
import TraceContext
import Tracing

@Suite struct `Lines that libraries log` {
    @Test func `tell the request and the trace that they were written for`() async throws {
        let folder = try TemporaryFolder()
        let descriptor = open(folder("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let writer = LogWriter(
            descriptor: descriptor, format: .json, identity: LogIdentity(serviceName: "test", serviceVersion: "1"))
        // A logger that has never heard of requests.
        let library = Logger(label: "library") { label in
            StructuredLogHandler(label: label, writer: writer, metadataProvider: .exchange)
        }
        let tracer = TraceContextTracer(sampler: Sampler(ratio: 0), sink: NoSpanSink())
        let tracing = RequestTracing(tracer: tracer)
        try await RunningEdge.serve { exchange in
            tracing.receive(&exchange)
        } routes: { router in
            router.get("work") { _, _ in
                library.info("at once")
                await withTaskGroup { group in
                    group.addTask { library.info("in a task of its own") }
                }
                tracer.withSpan("part") { _ in library.info("in a span of its own") }
                return "done"
            }
        } _: { port, _ in
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
            let request = "GET /work HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\ntraceparent: \(parent)\r\n\r\n"
            let answer = try WireExchange(port: port).send(Array(request.utf8), endsHalf: true)
            #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [200])
        }
        library.info("behind it all")
        #expect(writer.flush())
        let lines = try String(contentsOfFile: folder("log"), encoding: .utf8).split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        try #require(lines.count == 4)
        for line in lines.prefix(3) {
            #expect(
                line["trace_id"] as? String == "4bf92f3577b34da6a3ce929d0e0e4736"
                    && line["logger"] as? String == "library")
            #expect(line["request.id"] as? String == "mine" && line["trace_flags"] as? String == "00")
            #expect((line["span_id"] as? String)?.count == 16 && line["span_id"] as? String != "00f067aa0ba902b7")
        }
        #expect(lines[3]["trace_id"] == nil && lines[3]["request.id"] == nil)
    }
}
