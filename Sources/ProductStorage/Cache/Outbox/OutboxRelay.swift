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
    private let unnoted = Mutex<[ProductID: UInt64]>([:])
    /// Whether the last try to relay has failed: then writes do not wake it, as they all meet the same.
    private let isFailing = Atomic(false)
    private let lastWarning = Mutex<ContinuousClock.Instant?>(nil)
    /// The oldest note of the last look, and when it was seen first.
    private let oldest = Mutex<(number: Int64, since: ContinuousClock.Instant)?>(nil)

    private static let batchSize = 256
    private static let maximumUnnotedCount = 100_000
    private static let leastRest = Duration.milliseconds(20)
    private static let warningInterval = Duration.seconds(60)
    /// How long the store has to answer a look before it counts as away.
    ///
    /// With the interval of the looks, below the time for which one is believed: else what is cached would not be
    /// served while the store is away.
    private static let lookLimit = Duration.milliseconds(250)

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

    /// A write of this process has left a note.
    func noteLeft() { if !isFailing.load(ordering: .relaxed) { wakeup.wake() } }

    /// Has it note a write that the store has not taken a note of, as soon as the store does.
    func remember(_ id: ProductID) {
        unnoted.withLock { if $0.count < Self.maximumUnnotedCount { $0[id, default: 0] += 1 } }
    }

    /// Runs until the task is cancelled.
    func run() async throws {
        while true {
            let start = ContinuousClock.now
            isFailing.store(!(await relayAll()), ordering: .relaxed)
            let rest = tier.policy.outboxInterval - (ContinuousClock.now - start)
            try await wakeup.sleep(for: max(rest, Self.leastRest))
        }
    }

    /// Relays until the outbox is empty. Returns false when that does not succeed.
    private func relayAll() async -> Bool {
        while !Task.isCancelled {
            await noteRemembered()
            let look = trust.lookBegan(at: NIODeadline.now().uptimeNanoseconds)
            do throws(ProductError) {
                let notes = try await notesInTime()
                metrics.outboxSeen(notes.count, age: age(of: notes.first))
                if !notes.isEmpty {
                    trust.notesFound()
                    let relayed = await relay(notes)
                    if !relayed.isEmpty { try await outbox.remove(relayed) }
                    if relayed.count < notes.count { return false }
                }
                if notes.count < Self.batchSize {
                    if unnoted.withLock({ $0.isEmpty }) { trust.allRelayed(look) }
                    return true
                }
            } catch {
                if case .unavailable(let reason) = error, [.unreachable, .timedOut].contains(reason) {
                    trust.storeIsAway(look)
                }
                return false
            }
        }
        return false
    }

    /// For how long the oldest note has been seen here.
    private func age(of note: CacheNote?) -> Duration {
        let now = ContinuousClock.now
        return oldest.withLock { oldest in
            guard let note else {
                oldest = nil
                return .zero
            }
            if let seen = oldest, seen.number == note.number { return now - seen.since }
            oldest = (note.number, now)
            return .zero
        }
    }

    /// Leaves the notes that the store has not taken. Until it has, Redis is not believed here.
    private func noteRemembered() async {
        let remembered = unnoted.withLock { $0 }
        if remembered.isEmpty { return }
        trust.doubt()
        guard (try? await outbox.add(Array(remembered.keys))) != nil else { return }
        // What was remembered again meanwhile is noted again.
        unnoted.withLock { unnoted in
            for (id, count) in remembered where unnoted[id] == count { unnoted[id] = nil }
        }
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
