// SPDX-License-Identifier: Apache-2.0

import Products
import Redis

/// Pages of lists in Redis, in one session.
struct CachedPages: Sendable {
    let redis: RedisTier
    let session: RedisSession

    /// How long a page is kept: there are as many as queries.
    private static let lifetime = Duration.seconds(60)

    /// What may be filled in once the store has answered.
    struct Leases: Sendable {
        var page: CacheLease?
        var products: [ProductID: CacheLease] = [:]

        var isEmpty: Bool { page == nil && products.isEmpty }
    }

    enum Lookup: Sendable {
        case hit(ProductPage)
        /// The lists are being written to.
        case busy
        /// Someone else fills the page.
        case leased
        case missing(Leases)
    }

    func look(up query: ProductQuery) async throws(RedisError) -> Lookup {
        guard let generation = try await generation() else { return .busy }
        let key = CacheKeySpace(session).page(query.cacheKey, of: generation)
        guard let bytes = try await redis.client.get(key, in: session) else {
            guard let lease = try await redis.lease(key, in: session) else { return .leased }
            return .missing(Leases(page: lease))
        }
        guard let cached = CachedPage(bytes) else { return .leased }
        let values = try await redis.values(of: cached.items.map(\.id), in: session)
        let products = values.map { value -> Product? in
            if case .product(let product)? = value { return product }
            return nil
        }
        if let page = cached.page(of: products, in: query.order) { return .hit(page) }
        let missing = zip(cached.items, values).filter { $0.1 == nil }.map(\.0.id)
        return .missing(Leases(products: await leases(of: missing)))
    }

    /// Asks for the right to fill the keys of products, all at once; those that cannot be had are left out.
    private func leases(of ids: [ProductID]) async -> [ProductID: CacheLease] {
        await withTaskGroup(of: (ProductID, CacheLease?).self) { group in
            for id in ids { group.addTask { (id, try? await redis.lease(id, in: session)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// Gives leases back that nothing came of.
    func release(_ leases: Leases) {
        for lease in [leases.page].compactMap({ $0 }) + leases.products.values { redis.release(lease) }
    }

    /// The generation that pages belong to now; nil while a write is under way, or when another reader was quicker to
    /// begin one.
    private func generation() async throws(RedisError) -> ArraySlice<UInt8>? {
        let key = CacheKeySpace(session).listGeneration
        if let bytes = try await redis.client.get(key, in: session) {
            return bytes.first == UInt8(ascii: "V") ? bytes.dropFirst() : nil
        }
        let name = String(UInt64.random(in: .min ... .max), radix: 16)
        let command = RedisCommand(
            "SET", [key, RedisArgument("V" + name), "NX", "PX", RedisArgument(redis.policy.lifetime.wholeMilliseconds)])
        guard case .status = try await redis.client.send(command, in: session) else { return nil }
        return Array(name.utf8)[...]
    }

    /// Fills in what the store has answered. Nobody waits for it.
    func fill(_ leases: Leases, with page: ProductPage) {
        if let lease = leases.page { redis.fill(lease, with: CachedPage(page).encoded, for: Self.lifetime) }
        for product in page.products {
            if let lease = leases.products[product.id] { redis.fill(lease, with: product) }
        }
        // Those that the page has no longer.
        let filled = Set(page.products.map(\.id))
        for (id, lease) in leases.products where !filled.contains(id) { redis.release(lease) }
    }
}
