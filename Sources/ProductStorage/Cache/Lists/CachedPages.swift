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
    }

    enum Lookup: Sendable {
        case hit(ProductPage)
        /// The lists are being written to, or someone else fills the page.
        case busy
        case missing(Leases)
    }

    func look(up query: ProductQuery) async throws(RedisError) -> Lookup {
        guard let generation = try await generation() else { return .busy }
        let key = CacheKeySpace(session).page(query.cacheKey, of: generation)
        guard let bytes = try await redis.client.get(key, in: session) else {
            guard let lease = try await redis.lease(key, in: session) else { return .busy }
            return .missing(Leases(page: lease))
        }
        guard let cached = CachedPage(bytes) else { return .busy }
        let values = try await redis.values(of: cached.items.map(\.id), in: session)
        let products = values.map { value -> Product? in
            if case .product(let product)? = value { return product }
            return nil
        }
        if let page = cached.page(of: products, in: query.order) { return .hit(page) }
        var leases = Leases()
        for (item, value) in zip(cached.items, values) where value == nil {
            leases.products[item.id] = try await redis.lease(item.id, in: session)
        }
        return .missing(leases)
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
    }
}
