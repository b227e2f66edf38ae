// SPDX-License-Identifier: Apache-2.0

package import Logging
import NIOCore
package import Products
package import Redis
import ServiceLifecycle
import Synchronization

/// Puts two caches in front of a store: one in the process, and one in Redis that replicas share. Thread-safe.
///
/// A read that begins after a write was acknowledged returns that version or a newer one: at once from Redis, from the
/// store and on the replica that wrote; within ``CachePolicy/stalenessBound`` from the near cache of others; within
/// that and ``CachePolicy/outboxInterval`` when the writer could not reach Redis. Whatever fails in a cache is a miss,
/// never an error. Without Redis, this process must be the only one that writes to the store.
///
/// How it works, and why: `docs/decisions/0015-the-cache.md`.
package final class CachedProductRepository: Sendable {
    let store: any CacheableStore
    let policy: CachePolicy
    let shared: SharedTier?
    let near: NearCache<ProductID, NearProduct>
    /// Ids that no product has; a small share of the memory, as anyone can ask for any number of them.
    let negatives: NearCache<ProductID, Nothing>
    let gate: NearGate
    let generations = GenerationTable()
    let loads: LoadCoalescer
    let metrics = CacheMetrics()
    /// How many products are being read anew that are still kept.
    let refreshCount = Atomic(0)
    private let logger: Logger
    /// Puts products into the form in which they are answered with; nil when nobody asks for that.
    let encode: (@Sendable (Product) -> EncodedProduct)?

    /// What the near cache keeps of a product.
    struct NearProduct: Sendable {
        let product: Product
        let encoded: EncodedProduct?
    }

    /// The value of an id that no product has.
    struct Nothing: Sendable {}

    /// Redis, and what goes with it.
    struct SharedTier: Sendable {
        let redis: RedisTier
        let trust: OutboxTrust
        let relay: OutboxRelay
    }

    private static let negativeShare = 20
    private static let observationInterval = Duration.seconds(1)

    /// - Parameters:
    ///   - redis: Nil for the near cache alone.
    ///   - encode: Puts a product into the form in which it is answered with, for ``NearProducts``.
    package init(
        _ store: any CacheableStore, redis: RedisClient?, policy: CachePolicy = CachePolicy(),
        encode: (@Sendable (Product) -> EncodedProduct)? = nil, logger: Logger
    ) {
        self.store = store
        self.encode = encode
        self.policy = policy
        self.logger = logger
        let negativeByteCount = policy.nearByteCount / Self.negativeShare
        let near = NearCache<ProductID, NearProduct>(maximumByteCount: policy.nearByteCount - negativeByteCount)
        let negatives = NearCache<ProductID, Nothing>(maximumByteCount: negativeByteCount)
        (self.near, self.negatives) = (near, negatives)
        gate = NearGate(
            bound: policy.stalenessBound, isAlwaysOpen: redis == nil || !policy.protections.contains(.proofs))
        loads = LoadCoalescer(
            maximumAge: policy.protections.contains(.joins) ? policy.stalenessBound : .seconds(3600),
            ignoresGenerations: !policy.protections.contains(.joins))
        let (generations, metrics) = (generations, metrics)
        shared = redis.map { client in
            let tier = RedisTier(client: client, policy: policy)
            let trust = OutboxTrust(lifetime: policy.outboxInterval + policy.stalenessBound)
            let relay = OutboxRelay(
                outbox: store.outbox, tier: tier, trust: trust, metrics: metrics, logger: logger
            ) { id in
                generations.advance(id)
                near.remove(id)
                negatives.remove(id)
                metrics.invalidated(by: .outbox)
            }
            return SharedTier(redis: tier, trust: trust, relay: relay)
        }
    }

    /// Removes what the near cache knows of a product, and keeps loads that are under way from being kept there.
    func invalidateNear(_ id: ProductID, by source: CacheMetrics.InvalidationSource) {
        generations.advance(id)
        near.remove(id)
        negatives.remove(id)
        metrics.invalidated(by: source)
    }

    static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
}

// MARK: - Service

extension CachedProductRepository: Service {
    /// Listens to invalidations, relays those in the outbox, and reports, until the service stops.
    package func run() async throws {
        let subscription = shared.map { shared in
            shared.redis.client.subscribe(to: shared.redis.channel, pinging: policy.proofInterval) { self.take($0) }
        }
        try? await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let relay = self.shared?.relay { group.addTask { try await relay.run() } }
                group.addTask { try await self.observe() }
                try await group.waitForAll()
            }
        }
        // Reads and writes go on until the listener has stopped: they are served without what runs here.
        subscription?.close()
    }

    private func observe() async throws {
        while true {
            let (products, absences) = (near.counts, negatives.counts)
            metrics.observe(
                near: (
                    products.entries + absences.entries, products.bytes + absences.bytes,
                    products.evictions + absences.evictions
                ), proofAge: shared == nil ? nil : gate.proofAge(at: Self.now()),
                isCircuitClosed: shared?.redis.client.isCircuitClosed ?? true)
            try await Task.sleep(for: Self.observationInterval)
        }
    }

    private func take(_ event: RedisSubscription.Event) {
        switch event {
        case .began(let session):
            gate.began(session)
            shared?.trust.doubt()
            shared?.relay.wake()
        case .message(let bytes):
            if let id = CacheMessage.decode(bytes) { invalidateNear(id, by: .published) }
        case .proved(let time): gate.proved(upTo: time)
        case .ended: gate.ended()
        }
    }
}
