// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProductsTesting
import ServiceTesting
import Testing

@Suite(.serialized) struct `Metrics over HTTP` {
    private static let openMetrics = ("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")

    private func count(
        _ metrics: [String: Double], _ method: String, _ status: Int, _ route: String, error: String? = nil
    ) -> Double {
        let failure = error.map { #"error_type="\#($0)","# } ?? ""
        let labels =
            #"{\#(failure)http_request_method="\#(method)",http_response_status_code="\#(status)",http_route="\#(route)"}"#
        return metrics["http_server_request_duration_seconds_count\(labels)"] ?? 0
    }

    @Test func `every request is measured once, whoever answers it and however it ends`() async throws {
        let service = try await RunningService.start(["--http-max-body", "1KiB", "--http-body-timeout", "300ms"])
        let client = service.client
        let created = try await client.create()
        let path = try #require(created.header("Location"))
        let tag = try #require(created.header("ETag"))
        _ = try await client.send("HEAD", path)
        _ = try await client.send("GET", path, [("If-None-Match", tag)])
        _ = try await client.send("GET", "\(ServiceClient.products)/x")
        _ = try await client.send("GET", ServiceClient.products, [("Authorization", "")])
        _ = try await client.send("GET", "/none/\(UUID())")
        _ = try await client.send("POST", ServiceClient.products, json: String(repeating: " ", count: 2000))
        let wire = WireExchange(port: client.port)
        _ = try wire.send(Array("FOO / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try wire.send(Array("GET /health HTTP/1.1\r\n\r\n".utf8))
        let head =
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Length: 10\r\n\r\n"
        _ = try wire.send(Array(head.utf8))
        let (list, one) = (ServiceClient.products, "\(ServiceClient.products)/{id}")
        let metrics = try await service.metrics()
        #expect(count(metrics, "POST", 201, list) == 1)
        #expect(count(metrics, "HEAD", 200, one) == 1)
        #expect(count(metrics, "GET", 304, one) == 1)
        #expect(count(metrics, "GET", 404, one) == 1)
        #expect(count(metrics, "GET", 401, list) == 1)
        #expect(count(metrics, "GET", 404, "unmatched") == 1)
        #expect(count(metrics, "POST", 413, list) == 1)
        #expect(count(metrics, "_OTHER", 501, "unmatched", error: "method") == 1)
        #expect(count(metrics, "GET", 400, "/health") == 1)
        #expect(count(metrics, "POST", 408, list) == 1)
        #expect(metrics[#"http_server_rejected_requests_total{reason="host"}"#] == 1)
        #expect(metrics[#"http_server_rejected_requests_total{reason="method"}"#] == 1)
        #expect(metrics[#"http_server_rejected_requests_total{reason="body_size"}"#] == 1)
        #expect(metrics[#"http_server_rejected_requests_total{reason="body_timeout"}"#] == 1)
        // The scrape itself is the one that is under way.
        #expect(metrics["http_server_active_requests"] == 1)
        #expect(metrics[#"http_server_connections{state="active"}"#] == 1)
        try await service.stop()
    }

    @Test func `a client that goes away is measured as one`() async throws {
        let service = try await RunningService.start()
        let gone = try RawSocket(to: service.client.port)
        gone.send(
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Length: 10\r\n\r\n")
        // The scrape is one that is under way, and this is the other.
        try await wait(for: "the request") { try await service.metrics()["http_server_active_requests"] == 2 }
        gone.reset()
        try await wait(for: "the abort") {
            try await service.metrics()[#"http_server_aborted_requests_total{phase="request"}"#] == 1
        }
        let metrics = try await service.metrics()
        let labels = #"{error_type="client_aborted",http_request_method="POST",http_route="/api/v1/products"}"#
        #expect(metrics["http_server_request_duration_seconds_count\(labels)"] == 1)
        #expect(metrics["http_server_active_requests"] == 1)
        try await service.stop()
    }

    @Test func `K15: five thousand random methods, paths and subjects leave the series as they are`() async throws {
        let service = try await RunningService.start(environment: [
            "RATE_LIMIT_RATE": "100000/s", "RATE_LIMIT_ADDRESS_RATE": "100000/s", "RATE_LIMIT_ADDRESS_BURST": "100000",
        ])
        var random = SeededGenerator(seed: 15)
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
        func word(_ length: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: length, using: &random)).compactMap { _ in letters.randomElement(using: &random) })
        }
        /// One request of each kind that follows, so that its series is there.
        func request(_ kind: Int) -> String {
            let host = "HTTP/1.1\r\nHost: a\r\n"
            let token = TestCredentials.token(subject: word(1...40), scope: "products:read")
            return switch kind {
            case 0: "\(word(1...10).uppercased())X / \(host)\r\n"
            case 1: "GET /\(word(1...40))/\(word(1...40)) \(host)\r\n"
            case 2: "GET \(ServiceClient.products)/\(word(1...40)) \(host)Authorization: Bearer \(token)\r\n\r\n"
            case 3: "GET \(ServiceClient.products)?limit=1 \(host)Authorization: Bearer \(token)\r\n\r\n"
            case 4: "GET \(ServiceClient.products) \(host)Authorization: \(word(1...40))\r\n\r\n"
            default: "DELETE \(ServiceClient.products)/\(word(1...40)) \(host)Authorization: Bearer \(token)\r\n\r\n"
            }
        }
        func send(count: Int) async throws {
            for number in 0..<count {
                let socket = try RawSocket(to: service.client.port)
                socket.send(request(number % 6))
                socket.shutdownOutput()
                _ = try socket.receiveToEnd()
            }
        }
        try await send(count: 12)
        _ = try await service.metrics()
        let before = Set(try await service.metrics().keys)
        try await send(count: 5000)
        let after = Set(try await service.metrics().keys)
        #expect(after == before, "\(after.symmetricDifference(before).prefix(5))")
        try await service.stop()
    }

    @Test func `come in the format that is asked for, compressed if it may be, with the traces of what was slow`()
        async throws
    {
        let service = try await RunningService.start()
        let trace = "0af7651916cd43dd8448eb211c80319c"
        _ = try await service.client.send(
            "GET", ServiceClient.products, [("traceparent", "00-\(trace)-b7ad6b7169203331-01")])
        let text = try await service.client.send("GET", "/metrics")
        #expect(
            text.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8" && !text.text.contains("# EOF"))
        let open = try await service.client.send("GET", "/metrics", [Self.openMetrics])
        #expect(open.header("Content-Type") == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(open.text.hasSuffix("# EOF\n") && open.text.contains(#"# {trace_id="\#(trace)",span_id=""#))
        let zipped = try await service.client.send("GET", "/metrics", [("Accept-Encoding", "gzip")])
        #expect(zipped.header("Content-Encoding") == "gzip" && zipped.body.starts(with: [0x1f, 0x8b]))
        #expect(zipped.body.count < text.body.count / 2)
        #expect(try await service.client.send("HEAD", "/metrics").status == 200)
        try await service.stop()
    }

    @Test func `K16: with an admin port the metrics and the probes are there, and only there`() async throws {
        let service = try await RunningService.start(["--admin-port", "0"], waitsUntilReady: false)
        let admin = ServiceClient(port: try await service.process.port(of: "admin"))
        try await admin.wait(for: 200)
        for path in ["/metrics", "/livez", "/readyz", "/startupz"] {
            #expect(try await admin.send("GET", path, [("Authorization", "")]).status == 200)
            #expect(try await service.client.send("GET", path).status == 404)
        }
        #expect(try await admin.send("GET", ServiceClient.products).status == 404)
        try await service.stop()
    }

    /// After requests of every kind, as `promtool` reads them.
    @Test func `promtool finds nothing to complain of, and a real Prometheus scrapes both formats`() async throws {
        let service = try await RunningService.start()
        let load = LoadGenerator(service.client)
        async let running: Void = load.run(clients: 8)
        try await wait(for: "answers: \(load.failures)") { load.answered >= 300 }
        load.stop()
        await running
        for target in ["/none", "\(ServiceClient.products)/x", "/livez"] {
            _ = try await service.client.send("GET", target)
        }
        _ = try await service.client.send("GET", ServiceClient.products, [("Authorization", "Bearer x")])

        let folder = try TemporaryFolder()
        let text = try await service.client.send("GET", "/metrics")
        try Data(text.body).write(to: URL(fileURLWithPath: folder("metrics.txt")))
        let check = "promtool check metrics < \(folder("metrics.txt")) > \(folder("problems")) 2>&1"
        #expect(try await ChildProcess.run(["sh", "-c", check]) == 0)
        #expect(try String(contentsOfFile: folder("problems"), encoding: .utf8) == "")

        let prometheus = try await Prometheus.start(scraping: [
            "openmetrics": service.client.port, "text": try await TextFormatProxy(to: service.client.port).port,
        ])
        for job in ["openmetrics", "text"] {
            try await wait(for: "a scrape of \(job): \(prometheus.log)", within: .seconds(20)) {
                try await prometheus.query("up{job=\"\(job)\"}") == [1]
            }
            let requests =
                "sum(http_server_request_duration_seconds_count{job=\"\(job)\",http_route=\"/api/v1/products\"})"
            #expect(try await prometheus.query(requests).first ?? 0 >= 300)
            #expect(try await prometheus.query("build_info{job=\"\(job)\"}") == [1])
            #expect(try await prometheus.query("scrape_samples_scraped{job=\"\(job)\"}").first ?? 0 > 100)
        }
        await prometheus.stop()
        try await service.stop()
    }
}
