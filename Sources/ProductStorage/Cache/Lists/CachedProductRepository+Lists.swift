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
        guard shared.trust.isTrusted, let session = shared.redis.client.session else {
            return try await store.repository.list(query)
        }
        let pages = CachedPages(redis: shared.redis, session: session)
        let lookup: CachedPages.Lookup
        do throws(RedisError) {
            lookup = try await pages.look(up: query)
        } catch {
            return try await store.repository.list(query)
        }
        switch lookup {
        case .hit(let page):
            report = Self.report(.hit)
            return page
        case .busy:
            report = Self.report(.busy)
            return try await store.repository.list(query)
        case .missing(let leases):
            let page = try await store.repository.list(query)
            pages.fill(leases, with: page)
            report = Self.report(.miss, isStored: true)
            return page
        }
    }
}
