// SPDX-License-Identifier: Apache-2.0

import Foundation
import PrometheusMetrics
import ServiceTesting
import Testing

@Suite struct `Exposition` {
    private let registry = MetricsRegistry()

    /// The text without what the registry says of itself.
    private func text(_ format: ExpositionFormat) -> String {
        let lines = String(decoding: registry.exposition(as: format), as: UTF8.self).split(separator: "\n")
        let own = ["metrics_series", "metrics_dropped_label_sets", "metrics_name_clashes"]
        return lines.filter { line in !own.contains { line.contains($0) } }.joined(separator: "\n") + "\n"
    }

    private func fill() {
        let requests = registry.counter(
            "requests_total", "Requests \"answered\".\nAll \\ of them.", labels: ["z", "a"])
        requests.with("2", "1").add(3)
        requests.with("1", "\"x\"\\\n\r\n").add()
        registry.gauge("temperature", "").set(-1.5)
        let durations = registry.histogram("duration_seconds", "How long.", labels: ["route"], bounds: [0.25, 1])
        durations.with("/").observe(0.125)
        durations.with("/").observe(
            0.5,
            exemplar: Exemplar(traceIDHigh: 1, traceIDLow: 0xab, spanID: 0xcd, value: 0.5, timestamp: 1_800_000_000_007)
        )
        registry.info("build_info", "What runs.", ["version": "1.0"])
        registry.observe(.gauge, "loops", "Lag.", labels: ["loop"]) {
            [
                MetricReading(.nan, labels: "1"), MetricReading(-.infinity, labels: "0"),
                MetricReading(1e300, labels: "2"),
            ]
        }
    }

    @Test func `of the text format`() {
        fill()
        #expect(
            text(.text)
                == """
                # HELP build_info What runs.
                # TYPE build_info gauge
                build_info{version="1.0"} 1
                # HELP duration_seconds How long.
                # TYPE duration_seconds histogram
                duration_seconds_bucket{route="/",le="0.25"} 1
                duration_seconds_bucket{route="/",le="1.0"} 2
                duration_seconds_bucket{route="/",le="+Inf"} 2
                duration_seconds_sum{route="/"} 0.625
                duration_seconds_count{route="/"} 2
                # HELP loops Lag.
                # TYPE loops gauge
                loops{loop="0"} -Inf
                loops{loop="1"} NaN
                loops{loop="2"} 1e+300
                # HELP requests_total Requests "answered".\\nAll \\\\ of them.
                # TYPE requests_total counter
                requests_total{a="1",z="2"} 3
                requests_total{a="\\"x\\"\\\\\\n\r\\n",z="1"} 1
                # HELP temperature \u{20}
                # TYPE temperature gauge
                temperature -1.5

                """.replacing("temperature \u{20}", with: "temperature "))
    }

    @Test func `of OpenMetrics`() {
        fill()
        #expect(
            text(.openMetrics)
                == """
                # HELP build What runs.
                # TYPE build info
                build_info{version="1.0"} 1
                # HELP duration_seconds How long.
                # TYPE duration_seconds histogram
                duration_seconds_bucket{route="/",le="0.25"} 1
                duration_seconds_bucket{route="/",le="1.0"} 2 # {trace_id="000000000000000100000000000000ab",span_id="00000000000000cd"} 0.5 1800000000.007
                duration_seconds_bucket{route="/",le="+Inf"} 2
                duration_seconds_sum{route="/"} 0.625
                duration_seconds_count{route="/"} 2
                # HELP loops Lag.
                # TYPE loops gauge
                loops{loop="0"} -Inf
                loops{loop="1"} NaN
                loops{loop="2"} 1e+300
                # HELP requests Requests \\"answered\\".\\nAll \\\\ of them.
                # TYPE requests counter
                requests_total{a="1",z="2"} 3
                requests_total{a="\\"x\\"\\\\\\n\r\\n",z="1"} 1
                # HELP temperature \u{20}
                # TYPE temperature gauge
                temperature -1.5
                # EOF

                """.replacing("temperature \u{20}", with: "temperature "))
    }

    @Test(
        arguments: [
            // What Prometheus 2.42 and 3 send.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                .openMetrics
            ),
            (nil, .text), ("", .text), ("*/*", .text), ("text/html,*/*;q=0.8", .text), ("text/plain", .text),
            ("application/openmetrics-text", .openMetrics),
            ("Application/OpenMetrics-Text ; Version=\"1.0.0\"", .openMetrics),
            ("application/openmetrics-text;version=0.0.1", .text),
            ("application/openmetrics-text;version=2.0.0", .text),
            ("application/openmetrics-text;q=0", .text), ("application/openmetrics-text;q=0.3,text/plain;q=0.4", .text),
            ("text/plain;version=0.0.4;q=0.3 , application/openmetrics-text;q=0.4", .openMetrics),
            ("application/openmetrics-text;q=nonsense", .text), ("application/openmetrics-text;q=7", .text),
            (";;;,,,=;q", .text), ("application/json", .text),
        ] as [(String?, ExpositionFormat)])
    func `in the format that the client wants most`(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }

    @Test(
        arguments: [
            (nil, false), ("gzip", true), ("deflate, gzip;q=0.5", true), ("gzip;q=0", false), ("*", true),
            ("*;q=0", false),
            ("identity", false), ("gzip;q=0, *", false), ("GZIP", true), ("br", false),
        ] as [(String?, Bool)])
    func `compressed when the client takes that`(acceptEncoding: String?, expected: Bool) {
        #expect(ExpositionFormat.acceptsGzip(acceptEncoding: acceptEncoding) == expected)
    }

    @Test func `compressed, it is what it was`() async throws {
        fill()
        let scrape = MetricsScrape(registry: registry)
        let folder = try TemporaryFolder()
        let bytes = await scrape.bytes(in: .init(accept: nil, acceptEncoding: "gzip"))
        try #require(bytes.starts(with: [0x1f, 0x8b]))
        try Data(bytes).write(to: URL(fileURLWithPath: folder("metrics.gz")))
        #expect(try await ChildProcess.run(["gzip", "-d", folder("metrics.gz")]) == 0)
        let output = try String(contentsOfFile: folder("metrics"), encoding: .utf8)
        #expect(output.contains("temperature -1.5\n"))
    }

    @Test func `those who ask at once share one writing`() async {
        for index in 0..<3000 {
            registry.counter("c\(index)_total", "").add()
        }
        let scrape = MetricsScrape(registry: registry)
        let texts = await withTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<200 { group.addTask { await scrape.bytes(in: .init(format: .text)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(texts.count == 200 && texts.allSatisfy { $0.count > 3000 * 20 })
        #expect(scrape.renderingCount < 100)
    }
}
