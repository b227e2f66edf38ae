// SPDX-License-Identifier: Apache-2.0

import PrometheusMetrics
import Testing

@Suite struct `Instruments` {
    private let registry = MetricsRegistry()

    /// Runs `body` on as many threads at once.
    private func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<count { group.addTask { body(index) } }
        }
    }

    @Test func `nothing that threads add is lost`() async {
        let counter = registry.counter("a_total", "")
        let histogram = registry.histogram("b", "", bounds: [1, 2])
        let gauge = registry.gauge("c", "")
        await concurrently(8) { index in
            for step in 0..<20_000 {
                counter.add(2)
                histogram.observe(Double(step % 3) + 0.5)
                gauge.add(index % 2 == 0 ? 1 : -1)
            }
        }
        #expect(counter.value == 320_000)
        #expect(histogram.count == 160_000)
        #expect(abs(histogram.sum - 8 * (6667 * 0.5 + 6667 * 1.5 + 6666 * 2.5)) < 0.001)
        #expect(gauge.value == 0)
    }

    @Test func `a value falls into the first bucket that it is not above of`() {
        let histogram = registry.histogram("a", "", bounds: [2, 1, 1, .infinity, .nan])
        for value in [-1, 0, 1, 1.0000001, 2, 3, .infinity, .nan] { histogram.observe(value) }
        let text = String(decoding: registry.exposition(as: .text), as: UTF8.self)
        #expect(text.contains("a_bucket{le=\"1.0\"} 3\na_bucket{le=\"2.0\"} 5\na_bucket{le=\"+Inf\"} 6\n"))
        #expect(text.contains("a_sum 6.0000001\na_count 6\n"))
    }

    @Test func `durations are counted in seconds`() {
        let histogram = registry.histogram("a", "", bounds: Histogram.durationBounds)
        histogram.observe(.milliseconds(250))
        histogram.observe(.seconds(2))
        #expect(histogram.sum == 2.25 && histogram.count == 2)
    }

    @Test func `floating-point counters leave out what would lessen them`() throws {
        let factory = PrometheusMetricsFactory(registry: registry)
        let handler = factory.makeFloatingPointCounter(label: "a", dimensions: [])
        let counter = try #require(handler as? PrometheusMetrics.FloatingPointCounter)
        for amount in [1.5, -3, .nan, .infinity, 0.25] { counter.increment(by: amount) }
        #expect(counter.value == 1.75)
        counter.reset()
        #expect(counter.value == 0)
    }

    @Test func `timers and recorders of a name that has buckets of its own get those`() {
        let factory = PrometheusMetricsFactory(registry: registry, boundsByName: ["a_seconds": [0.5, 1], "b": [7]])
        factory.makeTimer(label: "a_seconds", dimensions: []).recordNanoseconds(700_000_000)
        factory.makeRecorder(label: "b", dimensions: [], aggregate: true).record(6.0)
        let text = String(decoding: registry.exposition(as: .text), as: UTF8.self)
        for line in [#"a_seconds_bucket{le="0.5"} 0"#, #"a_seconds_bucket{le="1.0"} 1"#, #"b_bucket{le="7.0"} 1"#] {
            #expect(text.contains(line + "\n"), "\(text)")
        }
        #expect(text.components(separatedBy: "_bucket").count == 6, "and no others but +Inf")
    }

    @Test func `exemplars are read whole, whoever writes meanwhile`() async {
        let histogram = registry.histogram("a", "", bounds: [])
        await concurrently(4) { index in
            for step in 0..<20_000 as Range<UInt64> {
                // All fields say the same, so that a mixture would show.
                let number = UInt64(index) << 32 | step
                histogram.observe(
                    Double(number),
                    exemplar: Exemplar(
                        traceIDHigh: number, traceIDLow: number, spanID: number, value: Double(number),
                        timestamp: number * 1000))
                if step % 100 == 0 { check(registry.exposition(as: .openMetrics)) }
            }
        }
        check(registry.exposition(as: .openMetrics))

        @Sendable func check(_ bytes: [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            guard
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("a_bucket") && $0.contains(" # ") }),
                let match = line.wholeMatch(
                    of: /.* # \{trace_id="([0-9a-f]{16})([0-9a-f]{16})",span_id="([0-9a-f]{16})"\} (\d+) (\d+)\.000/)
            else { return }
            let number = UInt64(match.4)
            let isWhole =
                match.1 == match.2 && match.2 == match.3 && UInt64(match.1, radix: 16) == number
                && UInt64(match.5) == number
            if !isWhole { Issue.record("\(line)") }
        }
        #expect(String(decoding: registry.exposition(as: .openMetrics), as: UTF8.self).contains("# {trace_id="))
    }
}
