// SPDX-License-Identifier: Apache-2.0

import Products
import Redis

/// The steps of the cache's protocol on Redis. Thread-safe.
struct RedisTier: Sendable {
    let client: RedisClient
    let policy: CachePolicy
    let channel: RedisArgument
    /// Tells this process' leases from others'.
    private let replica = UInt64.random(in: .min ... .max)

    init(client: RedisClient, policy: CachePolicy) {
        self.client = client
        self.policy = policy
        channel = CacheKeySpace.channel(of: client.configuration)
    }

    // MARK: - Reading

    /// What stands under the key of a product; nil when nothing does, or nothing that was written here.
    func value(of id: ProductID, in session: RedisSession) async throws(RedisError) -> CacheValue? {
        guard let bytes = try await client.get(CacheKeySpace(session).product(id), in: session) else { return nil }
        return CacheValue(bytes, of: id)
    }

    /// What stands under the keys of several products.
    func values(of ids: [ProductID], in session: RedisSession) async throws(RedisError) -> [CacheValue?] {
        let space = CacheKeySpace(session)
        let found = try await client.get(ids.map { space.product($0) }, in: session)
        return zip(found, ids).map { bytes, id in bytes.flatMap { CacheValue($0, of: id) } }
    }

    /// Asks for the right to fill a key; nil when something stands there by now.
    func lease(_ key: RedisArgument, in session: RedisSession) async throws(RedisError) -> CacheLease? {
        let token = newToken()
        let milliseconds = RedisArgument(policy.leaseLifetime.wholeMilliseconds)
        let command = RedisCommand("SET", [key, token, "NX", "PX", milliseconds])
        guard case .status = try await client.send(command, in: session) else { return nil }
        return CacheLease(key: key, token: token, session: session)
    }

    func lease(_ id: ProductID, in session: RedisSession) async throws(RedisError) -> CacheLease? {
        try await lease(CacheKeySpace(session).product(id), in: session)
    }

    private func newToken() -> RedisArgument {
        let attempt = policy.protections.contains(.leaseTokens) ? UInt64.random(in: .min ... .max) : 0
        return RedisArgument("I" + String(replica, radix: 16) + String(attempt, radix: 16))
    }

    /// Fills a key with a product, or with the knowledge that there is none. Nobody waits for it.
    func fill(_ lease: CacheLease, with product: Product?) {
        guard let product else { return fill(lease, with: CacheValue.negative, for: policy.negativeLifetime) }
        fill(lease, with: CacheValue.encode(product), for: policy.lifetime)
    }

    /// Gives the right to fill a key back.
    func release(_ lease: CacheLease) {
        client.post(CacheScripts.release, keys: [lease.key], arguments: [lease.token], in: lease.session)
    }

    func fill(_ lease: CacheLease, with value: [UInt8], for lifetime: Duration) {
        client.post(
            CacheScripts.fill, keys: [lease.key],
            arguments: [lease.token, RedisArgument(value), RedisArgument(Self.spread(lifetime))], in: lease.session)
    }

    /// A tenth less, by chance: what came together is not to go together. In milliseconds.
    private static func spread(_ lifetime: Duration) -> Int64 {
        (lifetime * Double.random(in: 0.9...1)).wholeMilliseconds
    }

    // MARK: - Writing

    /// Closes the product and the lists to readers: one round trip. Returns the period that the write has begun in.
    func beginWrite(to id: ProductID, in session: RedisSession) async throws(RedisError) -> Int64 {
        guard policy.protections.contains(.quarantine) else { return 0 }
        let space = CacheKeySpace(session)
        let reply = try await client.run(
            CacheScripts.beginWrite, keys: [space.product(id), space.listGeneration],
            arguments: [
                RedisArgument(policy.quarantinePeriod.wholeMilliseconds),
                RedisArgument(policy.quarantineLifetime.wholeMilliseconds), channel, CacheMessage.encode(id),
            ], in: session)
        guard case .integer(let period) = reply else { return 0 }
        return period
    }

    /// Opens them again: one round trip.
    ///
    /// - Parameters:
    ///   - period: The one the write has begun in.
    ///   - mayInstall: Whether the product may be left there; not when it took so long that the keys may have been
    ///     opened meanwhile.
    func endWrite(
        to id: ProductID, _ outcome: CacheWriteOutcome, since period: Int64, mayInstall: Bool, in session: RedisSession
    ) async throws(RedisError) {
        let space = CacheKeySpace(session)
        var value: [UInt8] = []
        if mayInstall, case .changed(let product) = outcome { value = CacheValue.encode(product) }
        _ = try await client.run(
            CacheScripts.endWrite, keys: [space.product(id), space.listGeneration],
            arguments: [
                RedisArgument(policy.quarantinePeriod.wholeMilliseconds), RedisArgument(period), channel,
                CacheMessage.encode(id), RedisArgument(outcome.version), RedisArgument(value),
                RedisArgument(Self.spread(policy.lifetime)),
            ], in: session)
    }

    /// Invalidates a product and the lists, or the lists alone, for a write that Redis did not hear of.
    func relay(_ id: ProductID?, in session: RedisSession) async throws(RedisError) {
        let space = CacheKeySpace(session)
        let poisons = policy.protections.contains(.poison)
        _ = try await client.run(
            CacheScripts.relay, keys: (id.map { [space.product($0)] } ?? []) + [space.listGeneration],
            arguments: [channel, id.map { CacheMessage.encode($0) } ?? "", poisons ? "1" : "0"], in: session)
    }
}

/// The right to fill a key once.
struct CacheLease: Sendable {
    let key: RedisArgument
    let token: RedisArgument
    let session: RedisSession
}

/// What has come of a write.
enum CacheWriteOutcome: Sendable {
    case changed(Product)
    case removed
    /// Nothing has changed.
    case refused

    /// As the keys' scripts compare it.
    var version: [UInt8] {
        switch self {
        case .changed(let product): CacheValue.version(product.version)
        case .removed: CacheValue.lastVersion
        case .refused: CacheValue.noVersion
        }
    }
}

extension Duration {
    /// In milliseconds, at least 1.
    var wholeMilliseconds: Int64 { max(1, Int64(self / .milliseconds(1))) }

    /// In nanoseconds.
    var wholeNanoseconds: UInt64 { UInt64(max(0, self / .nanoseconds(1))) }
}
