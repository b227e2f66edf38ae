// SPDX-License-Identifier: Apache-2.0

import Chassis
import Logging
import NIOCore
import ProductAPI
import ProductStorage
import Products
import Redis
import ServiceLifecycle

/// The caches that the settings name, in front of a store, with what the service needs to run and to watch them.
struct ProductCache: Sendable {
    /// The products: those of the store, when there is no cache.
    let repository: any ProductRepository
    /// What runs while the service does, in the order of starting.
    let services: [any Service]
    let checks: [HealthCheck]
    /// Nil without Redis.
    let redis: RedisClient?
    /// What of the products is at hand in the process; nil without a cache there.
    let near: (any NearProducts)?

    /// Throws ``ConfigurationProblem`` when TLS to Redis cannot be set up.
    init(
        _ configuration: CacheConfiguration, over store: any CacheableStore, on group: any EventLoopGroup,
        logger: Logger
    ) throws {
        guard configuration.isOn else {
            (repository, services, checks, redis, near) = (store.repository, [], [], nil, nil)
            return
        }
        do throws(RedisError) {
            redis = try configuration.redis.map { settings throws(RedisError) in
                try RedisClient(settings, eventLoopGroup: group, logger: logger)
            }
        } catch {
            throw ConfigurationProblem(key: "REDIS_URL", detail: error.message)
        }
        let cached = CachedProductRepository(
            store, redis: redis, policy: configuration.policy, encode: ProductDocument.encoded,
            logger: logger)
        near = configuration.policy.nearByteCount > 0 ? cached : nil
        repository = cached
        services = (redis.map { [RedisService(client: $0)] } ?? []) + [cached]
        checks =
            redis.map { client in
                [
                    HealthCheck("redis", in: [.readiness], isRequired: false) {
                        client.isAvailable ? nil : "no connection that answers"
                    }
                ]
            } ?? []
    }
}

/// Closes the client when the service stops, behind whatever uses it.
private struct RedisService: Service {
    let client: RedisClient

    func run() async throws {
        try? await gracefulShutdown()
        await client.close()
    }
}
