// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import PrometheusMetrics
import Synchronization
import Testing

@Suite struct `The registry` {
    private func text(_ registry: MetricsRegistry) -> String {
        String(decoding: registry.exposition(as: .text), as: UTF8.self)
    }

    @Test func `asking again gives the same`() {
        let registry = MetricsRegistry()
        #expect(registry.counter("a_total", "") === registry.counter("a", ""))
        let first = registry.histogram("h", "", labels: ["x", "y"])
        let second = registry.histogram("h", "", labels: ["x", "y"])
        #expect(first.with("1", "2") === second.with("1", "2"))
        #expect(first.with("1", "2") !== second.with("2", "1"))
    }

    @Test func `of two that want one name the first stays, and it is told once`() {
        let clashes = Mutex<[String]>([])
        let registry = MetricsRegistry { name in clashes.withLock { $0.append(name) } }
        registry.counter("a_total", "").add(7)
        registry.gauge("a", "").set(1)
        registry.gauge("a", "").set(1)
        _ = registry.counter("a_total", "", labels: ["x"]).with("1")
        _ = registry.histogram("h", "", bounds: [1])
        registry.gauge("h_sum", "").set(1)
        _ = registry.histogram("h", "", bounds: [2])
        registry.counter("h_count", "").add()
        let text = text(registry)
        #expect(text.contains("\na_total 7\n") && !text.contains("\na 1\n") && !text.contains("\nh_sum 1\n"))
        #expect(text.contains("metrics_name_clashes_total 6\n"))
        #expect(clashes.withLock { Set($0).count == $0.count } && clashes.withLock { !$0.isEmpty })
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("# TYPE a_total ") }.count == 1)
    }

    @Test func `K15: label sets are limited, and what is over is counted together`() {
        let registry = MetricsRegistry(labelSetLimit: 100)
        let counter = registry.counter("a_total", "", labels: ["x"])
        for index in 0..<5000 { counter.with("\(index)").add() }
        let text = text(registry)
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("a_total{") }.count == 101)
        #expect(text.contains("a_total{otel_metric_overflow=\"true\"} 4900\n"))
        #expect(text.contains("metrics_dropped_label_sets_total{metric=\"a\"} 4900\n"))
    }

    @Test func `names and labels are made fit`() {
        let registry = MetricsRegistry()
        registry.counter("http.requests-made/é 1", "").add()
        registry.gauge("1st", "").set(1)
        let labelled = registry.gauge("g", "", labels: ["le", "__name__", "a.b"])
        labelled.with(String(repeating: "é", count: 300), "x", "y").set(1)
        let text = text(registry)
        #expect(text.contains("\nhttp_requests_made____1_total 1\n") && text.contains("\n_1st 1\n"))
        let value = String(repeating: "é", count: 127)
        #expect(text.contains("\ng{a_b=\"y\",label___name__=\"x\",label_le=\"\(value)\"} 1\n"))
    }

    @Test func `a value cannot end its label, whatever stands behind its quotation marks`() {
        let registry = MetricsRegistry()
        for (number, value) in ["\"\u{301}", "\\\u{301}", "\n\u{301}", "a\"\u{200d}b"].enumerated() {
            registry.counter("c\(number)_total", "", labels: ["x"]).with(value).add()
        }
        registry.gauge("long", "", labels: ["x"]).with("a" + String(repeating: "\u{301}", count: 1000)).set(1)
        let text = text(registry)
        #expect(text.contains("c0_total{x=\"\\\"\u{301}\"} 1\n") && text.contains("c1_total{x=\"\\\\\u{301}\"} 1\n"))
        #expect(text.contains("c2_total{x=\"\\n\u{301}\"} 1\n") && text.contains("c3_total{x=\"a\\\"\u{200d}b\"} 1\n"))
        let long = text.split(separator: "\n").first { $0.hasPrefix("long{") }
        #expect(
            (100...270).contains(long?.utf8.count ?? 0) && long?.utf8.starts(with: "long{x=\"a\u{301}".utf8) == true)
    }

    @Test func `what is read twice for one label set is written once`() {
        let registry = MetricsRegistry(labelSetLimit: 2)
        for value in [1.0, 2] {
            registry.observe(.gauge, "g", "", labels: ["x"]) { [MetricReading(value, labels: "a")] }
        }
        registry.observe(.gauge, "h", "", labels: ["x"]) { (0..<5).map { MetricReading(1, labels: "\($0)") } }
        let text = text(registry)
        #expect(text.contains("\ng{x=\"a\"} 1\n") && !text.contains("} 2\n"))
        #expect(text.split(separator: "\n").filter { $0.hasPrefix("h{") }.count == 2)
    }

    @Test func `takes what libraries measure`() {
        let registry = MetricsRegistry()
        let factory = PrometheusMetricsFactory(registry: registry)
        let counter = factory.makeCounter(label: "pool.requests", dimensions: [("pool", "a"), ("kind", "b")])
        counter.increment(by: 3)
        counter.increment(by: -5)
        factory.makeFloatingPointCounter(label: "bytes", dimensions: []).increment(by: 0.5)
        let meter = factory.makeMeter(label: "idle", dimensions: [])
        meter.set(Int64(4))
        meter.increment(by: 2)
        meter.decrement(by: 1)
        factory.makeRecorder(label: "size", dimensions: [], aggregate: true).record(Int64(3))
        factory.makeRecorder(label: "level", dimensions: [("x", "1")], aggregate: false).record(2.5)
        factory.makeTimer(label: "wait", dimensions: []).recordNanoseconds(30_000_000)
        // The same again, and one that has other labels.
        factory.makeCounter(label: "pool.requests", dimensions: [("kind", "b"), ("pool", "a")]).increment(by: 1)
        factory.makeCounter(label: "pool.requests", dimensions: [("pool", "c")]).increment(by: 1)
        // One whose name is another's.
        factory.makeTimer(label: "idle", dimensions: []).recordNanoseconds(1)
        factory.makeMeter(label: "pool.requests", dimensions: []).set(1.0)
        let text = text(registry)
        for line in [
            "pool_requests_total{kind=\"b\",pool=\"a\"} 4", "pool_requests_total{pool=\"c\"} 1", "bytes_total 0.5",
            "idle 5", "size_bucket{le=\"2.5\"} 0", "size_bucket{le=\"5.0\"} 1", "level{x=\"1\"} 2.5",
            "wait_seconds_bucket{le=\"0.025\"} 0", "wait_seconds_bucket{le=\"0.05\"} 1", "wait_seconds_count 1",
            "idle_seconds_count 1", "metrics_name_clashes_total 1",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func `tells of the process`() throws {
        let registry = MetricsRegistry()
        ProcessMetrics.register(in: registry)
        var values: [String: Double] = [:]
        for line in text(registry).split(separator: "\n") where line.hasPrefix("process_") {
            let parts = line.split(separator: " ")
            values[String(parts[0])] = Double(parts[1])
        }
        let processor = try #require(values["process_cpu_seconds_total"])
        let openCount = try #require(values["process_open_fds"])
        let limit = try #require(values["process_max_fds"])
        let resident = try #require(values["process_resident_memory_bytes"])
        let virtual = try #require(values["process_virtual_memory_bytes"])
        let threads = try #require(values["process_threads"])
        #expect(processor > 0 && openCount >= 3 && openCount <= limit)
        #expect(resident > 1_048_576 && virtual > resident && threads >= 1)
        let start = try #require(values["process_start_time_seconds"])
        #expect(start > 1.7e9 && start < 5e9)
    }
}
