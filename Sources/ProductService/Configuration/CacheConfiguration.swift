// SPDX-License-Identifier: Apache-2.0

import Chassis
import Postgres
import ProductStorage
import Redis

/// What is kept in memory and in Redis, and for how long.
struct CacheConfiguration: Sendable {
    /// Nil for the near cache alone.
    let redis: RedisConfiguration?
    let policy: CachePolicy

    /// Whether there is any cache at all.
    var isOn: Bool { redis != nil || policy.nearByteCount > 0 }

    /// - Parameter database: Where the products are kept: says who else may write to them.
    init(reading reader: inout ConfigurationReader, for database: DatabaseConfiguration.Location) {
        let url = reader.optional(Self.urlKey, as: .text)
        let passwordFile = reader.optional(Self.passwordFileKey, as: .text).map(SecretFile.init)
        var policy = CachePolicy()
        let given = reader.optional(Self.nearBytesKey, as: .byteCount(in: 0...1 << 40))
        policy.lifetime = reader.value(Self.lifetimeKey, as: .duration(in: .seconds(1) ... .seconds(86_400)))
        policy.negativeLifetime = reader.value(
            Self.negativeLifetimeKey, as: .duration(in: .milliseconds(100) ... .seconds(3600)))
        var redis: RedisConfiguration?
        if let url {
            do throws(RedisError) {
                redis = try RedisConfiguration(url: url)
            } catch {
                reader.note("must be redis:// or rediss://: \(error.message)", about: Self.urlKey)
            }
            if case .memory = database {
                reader.note("needs a DATABASE_URL whose products replicas share, not memory:", about: Self.urlKey)
            }
        }
        if let passwordFile {
            do {
                _ = try passwordFile.read()
            } catch {
                reader.note("\(error)", about: Self.passwordFileKey)
            }
            if url == nil { reader.note("is for a REDIS_URL: leave it unset", about: Self.passwordFileKey) }
            redis?.password = { try passwordFile.read() }
        }
        redis?.clientName = "product-service"
        if redis != nil, case .postgres(let postgres) = database {
            // Keys stay closed for longer than a write can take.
            policy.quarantineLifetime = max(policy.quarantineLifetime, postgres.statementTimeout * 3 + .seconds(4))
            if policy.quarantineLifetime > policy.quarantinePeriod {
                reader.note(
                    "allows statements that take too long for the cache: set DATABASE_STATEMENT_TIMEOUT to 18s at most",
                    about: Self.urlKey)
            }
        }
        policy.nearByteCount = given ?? Self.defaultNearByteCount(database, isShared: redis != nil)
        #if DEBUG
        CacheTestSettings().apply(to: &policy)
        if var changed = redis {
            CacheTestSettings().apply(to: &changed)
            redis = changed
        }
        #endif
        self.redis = redis
        self.policy = policy
    }

    /// Without Redis to hear of others' writes from, a near cache is right only where nobody else writes: nobody does
    /// to an embedded store; a server's clients are not known. In memory, there is nothing to gain.
    private static func defaultNearByteCount(_ database: DatabaseConfiguration.Location, isShared: Bool) -> Int {
        switch database {
        case .sqlite: 64 << 20
        case .postgres: isShared ? 64 << 20 : 0
        case .memory: 0
        }
    }

    static let keys = [urlKey, passwordFileKey, nearBytesKey, lifetimeKey, negativeLifetimeKey]

    private static let urlKey = ConfigurationKey(
        "redis.url", default: nil, redaction: .credentialsOfURL,
        "redis://[USER:PASSWORD@]HOST:PORT/NUMBER, or rediss:// for TLS (?cacert=FILE for an authority of one's own), of Redis 5 or later; unset: replicas share no cache."
    )
    private static let passwordFileKey = ConfigurationKey(
        "redis.password.file", default: nil,
        "A file with Redis' password, not readable by everyone, read again for each new connection; outranks one in REDIS_URL."
    )
    private static let nearBytesKey = ConfigurationKey(
        "cache.near.bytes", default: nil,
        "Memory of the cache in the process, of some 80,000 products with a hundred letters each; 0 turns it off. 64MiB unless set, but 0 for PostgreSQL without Redis: set it there only for a service that is the one writer."
    )
    private static let lifetimeKey = ConfigurationKey(
        "cache.ttl", default: "5m", "How long Redis keeps a product that nobody changes.")
    private static let negativeLifetimeKey = ConfigurationKey(
        "cache.negative.ttl", default: "10s", "How long it is remembered that no product has an id.")
}
