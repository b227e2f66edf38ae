// SPDX-License-Identifier: Apache-2.0

import Products
import Synchronization

/// Has those who want the same product at the same time share one load. Thread-safe.
final class LoadCoalescer: Sendable {
    /// What a load has come to, and what caches had to do with it.
    struct Outcome: Sendable {
        let result: Result<Product, ProductError>
        let report: CacheReport
    }

    /// A load under way.
    private final class Load: Sendable {
        let generation: UInt64
        let startedAt: UInt64
        let waiters = Mutex<[UnsafeContinuation<Outcome?, Never>]>([])

        init(generation: UInt64, startedAt: UInt64) {
            self.generation = generation
            self.startedAt = startedAt
        }
    }

    private let parts: [Part]
    private let maximumAge: UInt64
    private let ignoresGenerations: Bool

    private final class Part: Sendable {
        let loads = Mutex<[ProductID: Load]>([:])
    }

    /// - Parameters:
    ///   - maximumAge: How old a load may be to be joined.
    ///   - ignoresGenerations: Whether loads from before an invalidation are joined, too: for tests that are to see why
    ///     not.
    init(maximumAge: Duration, ignoresGenerations: Bool = false) {
        self.ignoresGenerations = ignoresGenerations
        self.maximumAge = maximumAge.wholeNanoseconds
        parts = (0..<32).map { _ in Part() }
    }

    /// Waits for a load that is under way, or runs one.
    ///
    /// - Parameters:
    ///   - generation: Of the product's invalidations, as read before: a load of another is not joined.
    ///   - now: Nanoseconds of the monotonic clock.
    /// - Returns: The outcome, and whether it is that of a load of another.
    func outcome(
        for id: ProductID, generation: UInt64, now: UInt64, _ body: () async -> Outcome
    ) async -> (outcome: Outcome, isJoined: Bool) {
        while true {
            let own = Load(generation: generation, startedAt: now)
            guard let joined = await join(id, own) else { return (await lead(id, own, body), false) }
            // Whoever ran it has given up; those who wait have not.
            if case .failure(.unavailable(.cancelled)) = joined.result, !Task.isCancelled { continue }
            return (joined, true)
        }
    }

    /// How many wait for the load of a product that is under way; nil when there is none.
    func waiterCount(of id: ProductID) -> Int? {
        part(of: id).loads.withLock { loads in loads[id].map { load in load.waiters.withLock { $0.count } } }
    }

    /// Waits for a load under way that may be joined; nil when there is none, and `own` is one now.
    private func join(_ id: ProductID, _ own: Load) async -> Outcome? {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Outcome?, Never>) in
            let isJoined = part(of: id).loads.withLock { loads in
                if let load = loads[id], load.generation == own.generation || ignoresGenerations,
                    own.startedAt < load.startedAt &+ maximumAge
                {
                    load.waiters.withLock { $0.append(continuation) }
                    return true
                }
                loads[id] = own
                return false
            }
            if !isJoined { continuation.resume(returning: nil) }
        }
    }

    private func lead(_ id: ProductID, _ own: Load, _ body: () async -> Outcome) async -> Outcome {
        let outcome = await body()
        let waiters = part(of: id).loads.withLock { loads in
            if loads[id] === own { loads[id] = nil }
            return own.waiters.withLock { waiters in
                defer { waiters = [] }
                return waiters
            }
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
        return outcome
    }

    private func part(of id: ProductID) -> Part { parts[id.hashValue & (parts.count - 1)] }
}
