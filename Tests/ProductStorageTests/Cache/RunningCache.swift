// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOPosix
import Redis
import ServiceTesting

@testable import ProductStorage

/// A cache over a store, with what it needs to run, for as long as a test has it. Stands for one replica.
final class RunningCache: Sendable {
    let repository: CachedProductRepository
    let redis: RedisClient?
    private let running: Task<Void, Never>

    init(
        over store: any CacheableStore, redisURL: String? = nil, commandTimeout: Duration = .milliseconds(200),
        _ change: (inout CachePolicy) -> Void = { _ in }
    ) throws {
        var policy = CachePolicy()
        change(&policy)
        redis = try redisURL.map { url in
            var configuration = try RedisConfiguration(url: url)
            configuration.commandTimeout = commandTimeout
            configuration.reconnectInterval = .milliseconds(100)
            return try RedisClient(configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        }
        let repository = CachedProductRepository(
            store, redis: redis, policy: policy, logger: Logger(label: "test"))
        self.repository = repository
        running = Task { try? await repository.run() }
    }

    /// Waits until both tiers answer.
    func waitUntilReady() async throws {
        guard let shared = repository.shared else { return }
        try await wait(for: "the cache") {
            guard await shared.redis.client.waitUntilConnected(within: .seconds(5)) else { return false }
            return shared.trust.isTrusted(at: CachedProductRepository.now())
                && repository.gate.isOpen(at: CachedProductRepository.now())
        }
    }

    func stop() async {
        running.cancel()
        await running.value
        await redis?.close()
    }
}
