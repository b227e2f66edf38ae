// SPDX-License-Identifier: Apache-2.0

package import Products
import Redis
import Synchronization

extension CachedProductRepository {
    package func product(withID id: ProductID) async throws(ProductError) -> Product {
        let now = Self.now()
        // The gate before the epoch: an entry of an epoch that has ended must not pass by the next one's proof.
        let isOpen = gate.isOpen(at: now)
        let epoch = gate.epoch
        if isOpen {
            if let hit = near.hit(for: id, epoch: epoch, now: now) {
                metrics.nearHit()
                if hit.isDue { refresh(id, epoch: epoch, now: now) }
                CacheTrace.current?.report = Self.nearHit
                return hit.value.product
            }
            if negatives.value(for: id, epoch: epoch, now: now) != nil {
                metrics.nearNegative()
                CacheTrace.current?.report = Self.nearHit
                throw .notFound(id)
            }
            metrics.nearMiss()
        } else {
            metrics.nearClosed()
        }
        let generation = generations.generation(of: id)
        let (outcome, isJoined) = await loads.outcome(for: id, generation: generation, now: now) {
            await self.load(id, ReadStart(epoch: epoch, generation: generation))
        }
        if isJoined { metrics.joined() }
        if let trace = CacheTrace.current {
            var report = outcome.report
            if policy.nearByteCount > 0 { report.near = isOpen ? .miss : .bypassed }
            report.isCollapsed = isJoined
            trace.report = report
        }
        return try outcome.result.get()
    }

    private static let nearHit = CacheReport(near: .hit)

    /// Reads a product anew while what is kept of it still answers: when that has ended, all who ask for it would wait
    /// at once.
    ///
    /// Nobody waits for it, so no limit of requests holds it back: at most ``maximumRefreshCount`` are under way, each
    /// for ``refreshLimit``; those beyond come later, or not at all.
    private func refresh(_ id: ProductID, epoch: UInt32, now: UInt64) {
        guard refreshCount.add(1, ordering: .relaxed).newValue <= Self.maximumRefreshCount else {
            refreshCount.subtract(1, ordering: .relaxed)
            return
        }
        let generation = generations.generation(of: id)
        // Detached: it does not belong to the request that happened to come.
        Task.detached {
            await withTaskGroup { group in
                group.addTask {
                    _ = await self.loads.outcome(for: id, generation: generation, now: now) {
                        await self.load(id, ReadStart(epoch: epoch, generation: generation))
                    }
                }
                group.addTask { try? await Task.sleep(for: Self.refreshLimit) }
                await group.next()
                group.cancelAll()
            }
            self.refreshCount.subtract(1, ordering: .relaxed)
        }
    }

    private static let maximumRefreshCount = 64
    private static let refreshLimit = Duration.seconds(2)

    /// What was found before a read began: what it brings is kept only if all of it still holds.
    struct ReadStart: Sendable {
        let epoch: UInt32
        let generation: UInt64
    }

    // MARK: - Loading

    private func load(_ id: ProductID, _ start: ReadStart) async -> LoadCoalescer.Outcome {
        guard let shared else {
            let result = await readStore(id)
            let isStored = keepNear(result, of: id, start, in: nil)
            return LoadCoalescer.Outcome(result: result, report: Self.report(nil, isStored: isStored))
        }
        guard shared.trust.isTrusted(at: Self.now()), let session = shared.redis.client.session else {
            metrics.sharedFailed()
            return LoadCoalescer.Outcome(result: await readStore(id), report: Self.report(.bypassed))
        }
        do throws(RedisError) {
            return try await load(id, start, from: shared.redis, in: session)
        } catch {
            metrics.sharedFailed()
            return LoadCoalescer.Outcome(result: await readStore(id), report: Self.report(.bypassed))
        }
    }

    private func load(
        _ id: ProductID, _ start: ReadStart, from redis: RedisTier, in session: RedisSession
    ) async throws(RedisError) -> LoadCoalescer.Outcome {
        for _ in 0...policy.leaseRetries.count {
            switch try await redis.value(of: id, in: session) {
            case .product(let product):
                metrics.sharedHit()
                keepNear(.success(product), of: id, start, in: session)
                return LoadCoalescer.Outcome(result: .success(product), report: Self.report(.hit))
            case .absent:
                metrics.sharedNegative()
                keepNear(.failure(.notFound(id)), of: id, start, in: session)
                return LoadCoalescer.Outcome(result: .failure(.notFound(id)), report: Self.report(.hit))
            case .quarantine:
                return await bypass(id)
            case .lease:
                break
            case nil:
                if let lease = try await redis.lease(id, in: session) {
                    return await fill(id, start, under: lease, of: redis)
                }
            }
            guard (try? await Task.sleep(for: Self.random(policy.leaseRetries.pause))) != nil else { break }
        }
        return await bypass(id)
    }

    /// Reads the store and keeps nothing: what is read may be changed at any moment, or is being read by another.
    private func bypass(_ id: ProductID) async -> LoadCoalescer.Outcome {
        metrics.sharedBusy()
        return LoadCoalescer.Outcome(result: await readStore(id), report: Self.report(.busy))
    }

    private func fill(
        _ id: ProductID, _ start: ReadStart, under lease: CacheLease, of redis: RedisTier
    ) async -> LoadCoalescer.Outcome {
        metrics.sharedMiss()
        let result = await readStore(id)
        await policy.testPoint?(.beforeFill)
        switch result {
        case .success(let product): redis.fill(lease, with: product)
        case .failure(.notFound): redis.fill(lease, with: nil)
        case .failure:
            redis.release(lease)
            return LoadCoalescer.Outcome(result: result, report: Self.report(.miss))
        }
        keepNear(result, of: id, start, in: lease.session)
        return LoadCoalescer.Outcome(result: result, report: Self.report(.miss, isStored: true))
    }

    private func readStore(_ id: ProductID) async -> Result<Product, ProductError> {
        let result: Result<Product, ProductError>
        do throws(ProductError) {
            result = .success(try await store.repository.product(withID: id))
        } catch {
            result = .failure(error)
        }
        metrics.loaded(result)
        return result
    }

    /// Keeps what was read in the near cache, if nothing has been invalidated since the read began.
    @discardableResult
    private func keepNear(
        _ result: Result<Product, ProductError>, of id: ProductID, _ start: ReadStart, in session: RedisSession?
    ) -> Bool {
        if let session, !gate.hears(session) { return false }
        let now = Self.now()
        let isCurrent = { [generations, policy] in
            generations.generation(of: id) == start.generation || !policy.protections.contains(.generations)
        }
        switch result {
        case .success(let product):
            if near.maximumByteCount == 0 { return false }
            let value = NearProduct(product: product, encoded: encode?(product))
            return near.insert(
                value, for: id, valueByteCount: MemoryCost.ofText(in: product) + MemoryCost.of(value.encoded),
                epoch: start.epoch, expiresAt: now + policy.nearLifetime.wholeNanoseconds, now: now,
                ifStill: isCurrent)
        case .failure(.notFound):
            near.remove(id)
            let lifetime = min(policy.nearLifetime, policy.negativeLifetime)
            return negatives.insert(
                Nothing(), for: id, valueByteCount: 0, epoch: start.epoch,
                expiresAt: now + lifetime.wholeNanoseconds, now: now, ifStill: isCurrent)
        case .failure:
            return false
        }
    }

    static func report(_ shared: CacheReport.Outcome?, isStored: Bool = false) -> CacheReport {
        var report = CacheReport(shared: shared)
        report.isStored = isStored
        return report
    }

    static func random(_ range: ClosedRange<Duration>) -> Duration {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double.random(in: 0...1)
    }
}

// MARK: - Answers at hand

extension CachedProductRepository: NearProducts {
    package func encodedProduct(withID id: ProductID) -> EncodedProduct? {
        let now = Self.now()
        // The gate before the epoch, as above.
        guard gate.isOpen(at: now) else { return nil }
        let epoch = gate.epoch
        guard let hit = near.hit(for: id, epoch: epoch, now: now), let encoded = hit.value.encoded else { return nil }
        metrics.nearHit()
        if hit.isDue { refresh(id, epoch: epoch, now: now) }
        return encoded
    }
}
