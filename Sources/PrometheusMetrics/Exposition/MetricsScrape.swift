// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Answers scrapes: writes the metrics on a thread of its own, once for all who ask at the same time. Thread-safe.
public final class MetricsScrape: Sendable {
    /// What is written: the format, and whether it is compressed.
    public struct Form: Sendable, Hashable {
        public var format: ExpositionFormat
        public var isCompressed: Bool

        public init(format: ExpositionFormat, isCompressed: Bool = false) {
            self.format = format
            self.isCompressed = isCompressed
        }

        /// What a client wants.
        ///
        /// - Parameters:
        ///   - accept: The value of `Accept`.
        ///   - acceptEncoding: The value of `Accept-Encoding`.
        public init(accept: String?, acceptEncoding: String?) {
            format = ExpositionFormat(accept: accept)
            isCompressed = ExpositionFormat.acceptsGzip(acceptEncoding: acceptEncoding)
        }
    }

    private let registry: MetricsRegistry
    private let duration: Histogram
    private let queue = DispatchQueue(label: "metrics-scrape")
    private let state = Mutex(State())

    private struct State {
        /// Those who wait, by what they wait for.
        var waiting: [Form: [CheckedContinuation<[UInt8], Never>]] = [:]
        /// How long the last text was.
        var byteCount = 64 << 10
        var renderingCount: UInt64 = 0
    }

    public init(registry: MetricsRegistry) {
        self.registry = registry
        duration = registry.histogram(
            "metrics_scrape_duration_seconds", "How long writing the metrics took.",
            bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1])
    }

    /// How often the metrics were written.
    public var renderingCount: UInt64 { state.withLock { $0.renderingCount } }

    /// All metrics, in a form; nothing when there is no memory to compress them in. Whoever asks while they are about
    /// to be written in that form gets what the first gets.
    public func bytes(in form: Form) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting[form, default: []].append(continuation)
                return state.waiting[form]?.count == 1
            }
            if isFirst { queue.async { self.write(form) } }
        }
    }

    private func write(_ form: Form) {
        let begin = ContinuousClock.now
        let capacity = state.withLock { $0.byteCount + 4096 }
        let text = registry.exposition(as: form.format, capacity: capacity)
        let bytes = form.isCompressed ? Gzip.compress(text) ?? [] : text
        duration.observe(ContinuousClock.now - begin)
        let waiting = state.withLock { state in
            state.byteCount = text.count
            state.renderingCount += 1
            return state.waiting.removeValue(forKey: form) ?? []
        }
        for continuation in waiting { continuation.resume(returning: bytes) }
    }
}
