// SPDX-License-Identifier: Apache-2.0

package import Products
import Redis

extension CachedProductRepository {
    /// Pages hold ids alone, under a key of the lists' generation, which every write closes and takes away: so a page
    /// is never older than the last write. Its products are fetched at once, each under its own protocol.
    package func list(_ query: ProductQuery) async throws(ProductError) -> ProductPage {
        guard let shared else { return try await store.repository.list(query) }
        var report = Self.report(.bypassed)
        defer { CacheTrace.current?.report = report }
        guard shared.trust.isTrusted(at: Self.now()), let session = shared.redis.client.session else {
            return try await store.repository.list(query)
        }
        let pages = CachedPages(redis: shared.redis, session: session)
        let lookup: CachedPages.Lookup
        do throws(RedisError) {
            lookup = try await look(up: query, in: pages)
        } catch {
            metrics.sharedFailed()
            return try await store.repository.list(query)
        }
        switch lookup {
        case .hit(let page):
            metrics.sharedHit()
            report = Self.report(.hit)
            return page
        case .busy, .leased:
            metrics.sharedBusy()
            report = Self.report(.busy)
            return try await store.repository.list(query)
        case .missing(let leases):
            metrics.sharedMiss()
            report = Self.report(.miss, isStored: !leases.isEmpty)
            do throws(ProductError) {
                let page = try await store.repository.list(query)
                pages.fill(leases, with: page)
                return page
            } catch {
                pages.release(leases)
                throw error
            }
        }
    }

    /// Waits a moment for a page that someone else is filling.
    private func look(up query: ProductQuery, in pages: CachedPages) async throws(RedisError) -> CachedPages.Lookup {
        var lookup = try await pages.look(up: query)
        for _ in 0..<policy.leaseRetries.count {
            guard case .leased = lookup, (try? await Task.sleep(for: Self.random(policy.leaseRetries.pause))) != nil
            else { break }
            lookup = try await pages.look(up: query)
        }
        return lookup
    }
}
