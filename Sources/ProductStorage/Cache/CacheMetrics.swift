// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Products
import Synchronization

/// What the cache counts. Thread-safe.
final class CacheMetrics: Sendable {
    private let near: Outcomes
    private let shared: Outcomes
    private let loads: (product: CoreMetrics.Counter, none: CoreMetrics.Counter, failed: CoreMetrics.Counter)
    private let coalesced: CoreMetrics.Counter
    private let invalidations: [InvalidationSource: CoreMetrics.Counter]
    private let nearEntries = Meter(label: "cache_near_entries")
    private let nearBytes = Meter(label: "cache_near_bytes")
    private let nearEvictions = CoreMetrics.Counter(label: "cache_near_evictions_total")
    private let lastEvictionCount = Mutex(0)
    private let staleness = Meter(label: "cache_near_staleness_seconds")
    private let pending = Meter(label: "cache_outbox_pending")
    private let pendingAge = Meter(label: "cache_outbox_age_seconds")
    private let breaker = Meter(label: "cache_breaker_state")

    /// Where an invalidation comes from.
    enum InvalidationSource: String, Sendable, CaseIterable {
        /// A write of this process.
        case local
        /// What was published.
        case published
        /// A note in the outbox.
        case outbox
    }

    /// The results of one tier.
    private struct Outcomes: Sendable {
        let hit: CoreMetrics.Counter
        let miss: CoreMetrics.Counter
        let negative: CoreMetrics.Counter
        let busy: CoreMetrics.Counter
        let error: CoreMetrics.Counter

        init(tier: String) {
            func counter(_ result: String) -> CoreMetrics.Counter {
                CoreMetrics.Counter(
                    label: "cache_requests_total", dimensions: [("tier", tier), ("result", result)])
            }
            hit = counter("hit")
            miss = counter("miss")
            negative = counter("negative")
            busy = counter("busy")
            error = counter("error")
        }
    }

    init() {
        near = Outcomes(tier: "near")
        shared = Outcomes(tier: "redis")
        func loads(_ result: String) -> CoreMetrics.Counter {
            CoreMetrics.Counter(label: "cache_loads_total", dimensions: [("result", result)])
        }
        pendingAge.set(0)
        self.loads = (loads("product"), loads("none"), loads("error"))
        coalesced = CoreMetrics.Counter(label: "cache_loads_coalesced_total")
        invalidations = Dictionary(
            uniqueKeysWithValues: InvalidationSource.allCases.map {
                ($0, CoreMetrics.Counter(label: "cache_invalidations_total", dimensions: [("source", $0.rawValue)]))
            })
    }

    func nearHit() { near.hit.increment() }
    func nearNegative() { near.negative.increment() }
    func nearMiss() { near.miss.increment() }
    /// The near cache must not answer at the moment.
    func nearClosed() { near.busy.increment() }

    func sharedHit() { shared.hit.increment() }
    func sharedNegative() { shared.negative.increment() }
    func sharedMiss() { shared.miss.increment() }
    func sharedBusy() { shared.busy.increment() }
    func sharedFailed() { shared.error.increment() }

    func loaded(_ result: Result<Product, ProductError>) {
        switch result {
        case .success: loads.product.increment()
        case .failure(.notFound): loads.none.increment()
        case .failure: loads.failed.increment()
        }
    }

    func joined() { coalesced.increment() }

    func invalidated(by source: InvalidationSource) { invalidations[source]?.increment() }

    /// - Parameter age: For how long the oldest note has waited, as far as this process has seen.
    func outboxSeen(_ count: Int, age: Duration) {
        pending.set(count)
        pendingAge.set(age / .seconds(1))
    }

    func observe(near: (entries: Int, bytes: Int, evictions: Int), proofAge: Double?, isCircuitClosed: Bool) {
        nearEntries.set(near.entries)
        nearBytes.set(near.bytes)
        let evictions = lastEvictionCount.withLock { last in
            defer { last = near.evictions }
            return near.evictions - last
        }
        nearEvictions.increment(by: evictions)
        staleness.set(proofAge ?? -1)
        breaker.set(isCircuitClosed ? 0 : 1)
    }
}
