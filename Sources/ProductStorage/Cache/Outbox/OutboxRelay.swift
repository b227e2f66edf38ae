// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Products
import Redis
import ServiceLifecycle

/// Invalidates what the notes in the outbox name, in Redis and here, and removes the notes: as soon as it is woken, and
/// every now and then. Every replica does it; that several do the same is no harm. Thread-safe.
final class OutboxRelay: Sendable {
    private let outbox: any CacheOutbox
    private let tier: RedisTier
    private let trust: OutboxTrust
    private let invalidate: @Sendable (ProductID) -> Void
    private let metrics: CacheMetrics
    private let logger: Logger
    private let wakeup = Wakeup()

    private static let batchSize = 256
    /// How soon it is tried again when Redis does not take an invalidation.
    private static let retryDelay = Duration.milliseconds(50)

    /// - Parameter invalidate: Removes a product from the near cache.
    init(
        outbox: any CacheOutbox, tier: RedisTier, trust: OutboxTrust, metrics: CacheMetrics, logger: Logger,
        invalidate: @escaping @Sendable (ProductID) -> Void
    ) {
        self.outbox = outbox
        self.tier = tier
        self.trust = trust
        self.metrics = metrics
        self.logger = logger
        self.invalidate = invalidate
    }

    /// Has it look at the outbox at once.
    func wake() { wakeup.wake() }

    /// Runs until the task is cancelled.
    func run() async throws {
        while true {
            let delay: Duration
            do throws(ProductError) {
                delay = try await relayAll() ? tier.policy.outboxInterval : Self.retryDelay
            } catch {
                // The store cannot be read now: nobody writes to it either.
                delay = tier.policy.outboxInterval
            }
            try await wakeup.sleep(for: delay)
        }
    }

    /// Relays until the outbox is empty. Returns false when Redis does not take what is to be invalidated.
    private func relayAll() async throws(ProductError) -> Bool {
        while true {
            let look = trust.lookBegan()
            let notes = try await outbox.notes(limit: Self.batchSize)
            trust.lookEnded(look, isEmpty: notes.isEmpty)
            metrics.outboxSeen(notes.count)
            if notes.isEmpty { return true }
            guard await relay(notes) else { return false }
            try await outbox.remove(notes)
        }
    }

    private func relay(_ notes: [CacheNote]) async -> Bool {
        for note in notes { if let id = note.productID { invalidate(id) } }
        guard let session = tier.client.session else { return false }
        // Lists go with each product; once is enough when no product is named.
        var ids: [ProductID?] = Array(Set(notes.compactMap(\.productID)))
        if ids.isEmpty { ids = [nil] }
        do throws(RedisError) {
            for id in ids { try await tier.relay(id, in: session) }
            return true
        } catch {
            logger.debug("Redis does not take invalidations", metadata: ["error.type": "\(error)"])
            return false
        }
    }
}
