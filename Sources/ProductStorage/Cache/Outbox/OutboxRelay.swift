// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import Products
import Redis
import Synchronization

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
    /// Writes of this process whose notes the store has not taken.
    private let unnoted = Mutex<Set<ProductID>>([])
    private let lastWarning = Mutex<ContinuousClock.Instant?>(nil)

    private static let batchSize = 256
    private static let maximumUnnotedCount = 100_000
    private static let warningInterval = Duration.seconds(60)
    /// How long the store has to answer a look before it counts as away.
    private static let lookLimit = Duration.milliseconds(400)

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

    /// Has it note a write that the store has not taken a note of, as soon as the store does.
    func remember(_ id: ProductID) {
        unnoted.withLock { if $0.count < Self.maximumUnnotedCount { $0.insert(id) } }
        wake()
    }

    /// Runs until the task is cancelled.
    func run() async throws {
        while true {
            if await relayAll() {
                try await wakeup.sleep(for: tier.policy.outboxInterval)
            } else {
                // Not to be woken by each write: they all meet the same.
                try await Task.sleep(for: tier.policy.outboxInterval)
            }
        }
    }

    /// Relays until the outbox is empty. Returns false when that does not succeed.
    private func relayAll() async -> Bool {
        while !Task.isCancelled {
            let look = trust.lookBegan(at: NIODeadline.now().uptimeNanoseconds)
            do throws(ProductError) {
                try await noteRemembered()
                let notes = try await notesInTime()
                metrics.outboxSeen(notes.count)
                if !notes.isEmpty {
                    trust.notesFound()
                    let relayed = await relay(notes)
                    if !relayed.isEmpty { try await outbox.remove(relayed) }
                    if relayed.count < notes.count { return false }
                }
                if notes.count < Self.batchSize {
                    trust.allRelayed(look)
                    return true
                }
            } catch {
                if case .unavailable(let reason) = error, reason != .busy { trust.storeIsAway(look) }
                return false
            }
        }
        return false
    }

    private func noteRemembered() async throws(ProductError) {
        let ids = unnoted.withLock { Array($0) }
        if ids.isEmpty { return }
        trust.doubt()
        try await outbox.add(ids)
        unnoted.withLock { $0.subtract(ids) }
    }

    private func notesInTime() async throws(ProductError) -> [CacheNote] {
        let outbox = outbox
        let result = await withTaskGroup(of: Result<[CacheNote], ProductError>?.self) { group in
            group.addTask {
                do throws(ProductError) {
                    return .success(try await outbox.notes(limit: Self.batchSize))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.lookLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let result else { throw .unavailable(.timedOut) }
        return try result.get()
    }

    /// Relays notes, all at once. Returns those that Redis has taken.
    private func relay(_ notes: [CacheNote]) async -> [CacheNote] {
        for note in notes { if let id = note.productID { invalidate(id) } }
        guard let session = tier.client.session else { return [] }
        // What is named several times is relayed once.
        let ids = Set(notes.map(\.productID))
        let relayed = await withTaskGroup(of: (ProductID?, RedisError?).self) { group in
            for id in ids {
                group.addTask { [tier] in
                    do throws(RedisError) {
                        try await tier.relay(id, in: session)
                        return (id, nil)
                    } catch {
                        return (id, error)
                    }
                }
            }
            return await group.reduce(into: Set<ProductID?>()) { relayed, outcome in
                if let error = outcome.1 { warn(error) } else { relayed.insert(outcome.0) }
            }
        }
        return notes.filter { relayed.contains($0.productID) }
    }

    private func warn(_ error: RedisError) {
        // That there is no connection is logged where it is lost.
        guard error.code == .server else { return }
        let now = ContinuousClock.now
        let isDue = lastWarning.withLock { last in
            if let last, now < last + Self.warningInterval { return false }
            last = now
            return true
        }
        guard isDue else { return }
        logger.warning(
            "Redis takes no invalidations: look at its memory and at what its user may do (EVALSHA, PUBLISH)",
            metadata: ["error.type": "\(error)", "error.message": "\(error.message)"])
    }
}
