// SPDX-License-Identifier: Apache-2.0

import Foundation
import PrometheusMetrics
import Synchronization

enum MetricComparisons {
    private final class Number: Sendable {
        let value = Atomic<UInt64>(0)
    }

    /// Runs work on two threads at once.
    private static func onTwoThreads(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        let done = DispatchSemaphore(value: 0)
        for _ in 0..<2 {
            Thread.detachNewThread {
                work(count)
                done.signal()
            }
        }
        done.wait()
        done.wait()
    }

    static func all() -> [Comparison] {
        let registry = MetricsRegistry()
        let counter = registry.counter("requests_total", "", labels: ["method"]).with("GET")
        let histogram = registry.histogram("duration_seconds", "", labels: ["method"]).with("GET")
        let number = Number()
        func add(_ count: Int) {
            for _ in 0..<count { number.value.wrappingAdd(1, ordering: .relaxed) }
        }
        let count: @Sendable (Int) -> Void = { count in
            for _ in 0..<count { counter.add() }
        }
        let observe: @Sendable (Int) -> Void = { count in
            for index in 0..<count { histogram.observe(Double(index & 63) * 0.001) }
        }
        return [
            Comparison(
                name: "counter add", peerName: "a relaxed atomic add", bar: 2, mostAllocations: 0, peer: add,
                subject: count),
            Comparison(
                name: "histogram observe", peerName: "a relaxed atomic add", bar: 6, mostAllocations: 0, peer: add,
                subject: observe),
            Comparison(name: "counter add, two threads on one", peerName: "one thread", bar: 5, peer: count) {
                onTwoThreads($0, count)
            },
            Comparison(name: "histogram observe, two threads on one", peerName: "one thread", bar: 5, peer: observe) {
                onTwoThreads($0, observe)
            },
            updateBesideScrape(),
        ]
    }

    /// A scrape takes nothing from an update but the processor.
    private static func updateBesideScrape() -> Comparison {
        let registry = series(5000)
        let counter = registry.counter("beside_total", "")
        let count: @Sendable (Int) -> Void = { count in
            for _ in 0..<count { counter.add() }
        }
        return Comparison(name: "counter add, while 5,000 series are written", peerName: "alone", bar: 1.5, peer: count)
        {
            batch in
            let isOver = Number()
            let hasEnded = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                while isOver.value.load(ordering: .relaxed) == 0 { use(registry.exposition(as: .text)) }
                hasEnded.signal()
            }
            count(batch)
            isOver.value.store(1, ordering: .relaxed)
            hasEnded.wait()
        }
    }

    /// A registry of so many series: histograms of 18 each, and counters.
    private static func series(_ count: Int) -> MetricsRegistry {
        let registry = MetricsRegistry(labelSetLimit: count)
        let histogram = registry.histogram(
            "http_server_request_duration_seconds", "How long requests took.",
            labels: ["http_request_method", "http_route", "http_response_status_code"])
        for index in 0..<(count / 2 / 19) {
            let series = histogram.with("GET", "/api/v1/products/{id}/\(index)", "200")
            for value in 0..<100 { series.observe(Double(value) * 0.01) }
        }
        let counter = registry.counter("requests_total", "Requests.", labels: ["method", "path"])
        for index in 0..<(count / 2) { counter.with("GET", "/path/\(index)").add(UInt64(index)) }
        return registry
    }

    /// Writes 5,000 samples again and again, and prints how long each time took, in nanoseconds: for a comparison with
    /// the same in Go.
    static func printScrapes(_ count: Int) {
        let registry = series(5000)
        var capacity = 64 << 10
        for _ in 0..<count {
            let begin = DispatchTime.now().uptimeNanoseconds
            let bytes = registry.exposition(as: .text, capacity: capacity)
            print(DispatchTime.now().uptimeNanoseconds - begin)
            capacity = bytes.count + 4096
        }
    }
}
