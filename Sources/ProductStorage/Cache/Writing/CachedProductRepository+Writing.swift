// SPDX-License-Identifier: Apache-2.0

package import Products
import Redis

extension CachedProductRepository: ProductRepository {
    package func create(
        _ product: Product, idempotencyKey: IdempotencyKey?
    ) async throws(ProductError) -> Product {
        try await write(to: product.id) { repository throws(ProductError) in
            let created = try await repository.create(product, idempotencyKey: idempotencyKey)
            // With a key that was used before, nothing has changed now.
            return (created, created.id == product.id ? .changed(created) : .refused)
        }
    }

    package func update(
        _ id: ProductID, with changes: ProductChanges, if condition: WriteCondition, at now: Timestamp
    ) async throws(ProductError) -> Product {
        try await write(to: id) { repository throws(ProductError) in
            let product = try await repository.update(id, with: changes, if: condition, at: now)
            return (product, .changed(product))
        }
    }

    package func delete(_ id: ProductID, if condition: WriteCondition) async throws(ProductError) {
        try await write(to: id) { repository throws(ProductError) in
            try await repository.delete(id, if: condition)
            return ((), .removed)
        }
    }
}

extension CachedProductRepository: ProductImporting {
    /// Adds products. What Redis knows of their ids is invalidated as if it had not heard of the write.
    package func insert(_ products: [Product]) async throws(ProductError) -> [ProductID] {
        shared?.trust.unheardWriteBegan()
        defer { unheardWriteEnded() }
        let repository = shared == nil ? store.repository : store.notingRepository
        let taken = try await repository.insert(products)
        for product in products { invalidateNear(product.id, by: .local) }
        guard let shared else { return taken }
        do throws(ProductError) {
            try await store.outbox.add(products.map(\.id))
        } catch {
            // They are in: the relay sees to the notes.
            for product in products { shared.relay.remember(product.id) }
        }
        return taken
    }
}

extension CachedProductRepository: CursorKeyStore {
    package func cursorKey() async throws(ProductError) -> [UInt8] { try await store.repository.cursorKey() }
}

// MARK: - The protocol

extension CachedProductRepository {
    /// How Redis stands to a write.
    private enum Quarantine {
        /// There is none.
        case none
        /// It has closed the keys.
        case closed(RedisSession, period: Int64, at: UInt64)
        /// It did not hear of the write, or nobody knows: the store notes it.
        case unheard
    }

    /// Closes the keys, writes, and opens them again: two round trips to Redis. When Redis cannot be reached before the
    /// write, the store notes it, in the same transaction.
    private func write<Value>(
        to id: ProductID,
        _ body: (any CacheableStore.Repository) async throws(ProductError) -> (Value, CacheWriteOutcome)
    ) async throws(ProductError) -> Value {
        let quarantine = await beginWrite(to: id)
        if case .unheard = quarantine { shared?.trust.unheardWriteBegan() }
        defer { if case .unheard = quarantine { unheardWriteEnded() } }
        invalidateNear(id, by: .local)
        defer { invalidateNear(id, by: .local) }
        await policy.testPoint?(.afterBegin)
        do throws(ProductError) {
            var repository = store.repository
            if case .unheard = quarantine, policy.protections.contains(.outbox) { repository = store.notingRepository }
            let (value, outcome) = try await body(repository)
            await policy.testPoint?(.afterCommit)
            let notice = await endWrite(to: id, outcome, quarantine)
            if let notice, let trace = CacheTrace.current { trace.report = CacheReport(write: notice) }
            return value
        } catch {
            // When nobody knows whether it is done, or will be, the keys stay closed until their time is up.
            if error.leavesStoreUnchanged { _ = await endWrite(to: id, .refused, quarantine) }
            throw error
        }
    }

    private func beginWrite(to id: ProductID) async -> Quarantine {
        guard let shared else { return .none }
        guard let session = shared.redis.client.session else { return .unheard }
        let now = Self.now()
        do {
            let period = try await shared.redis.beginWrite(to: id, in: session)
            return .closed(session, period: period, at: now)
        } catch {
            return .unheard
        }
    }

    private func unheardWriteEnded() {
        shared?.trust.unheardWriteEnded()
        shared?.relay.noteLeft()
    }

    /// Opens the keys again, if they were closed. Returns how other replicas hear of the write; nil when there are
    /// none.
    private func endWrite(
        to id: ProductID, _ outcome: CacheWriteOutcome, _ quarantine: Quarantine
    ) async -> CacheReport.WriteNotice? {
        guard let shared else { return nil }
        guard case .closed(let session, let period, let start) = quarantine else { return .after }
        if await open(id, outcome, since: (start, period), of: session, shared.redis) { return .before }
        // The keys are closed still, unless Redis has lost what it knew: then a reader may have filled in, before the
        // write, what is stale by now. So every replica is told, as if Redis had not heard of the write at all.
        guard outcome.changesStore, policy.protections.contains(.outbox) else { return .after }
        shared.trust.unheardWriteBegan()
        defer { unheardWriteEnded() }
        do throws(ProductError) {
            try await store.outbox.add([id])
        } catch {
            // The store does not take the note now: the relay sees to it.
            shared.relay.remember(id)
        }
        return .after
    }

    /// Returns false when Redis may not have heard of it.
    private func open(
        _ id: ProductID, _ outcome: CacheWriteOutcome, since start: (time: UInt64, period: Int64),
        of session: RedisSession,
        _ redis: RedisTier
    ) async -> Bool {
        guard let current = redis.client.session else { return false }
        let elapsed = Self.now() - start.time
        let mayInstall = elapsed < policy.quarantineLifetime.wholeNanoseconds / 2
        do {
            if current.runID == session.runID {
                try await redis.endWrite(
                    to: id, outcome, since: start.period, mayInstall: mayInstall, in: current)
            } else if outcome.changesStore {
                // This run of the server has never heard of the write's beginning.
                try await redis.relay(id, in: current)
            }
            return true
        } catch {
            return false
        }
    }
}

extension ProductError {
    /// Whether it is certain that a write that ended with it has changed nothing, and never will.
    fileprivate var leavesStoreUnchanged: Bool {
        switch self {
        case .invalid, .notFound, .alreadyExists, .conditionFailed, .idempotencyKeyReused, .idempotencyKeyInUse: true
        case .unavailable(let reason): [.notOpen, .busy, .full, .readOnly, .tooNew, .unreachable].contains(reason)
        }
    }
}

extension CacheWriteOutcome {
    fileprivate var changesStore: Bool {
        switch self {
        case .changed, .removed: true
        case .refused: false
        }
    }
}
