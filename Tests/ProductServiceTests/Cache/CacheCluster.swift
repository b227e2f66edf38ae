// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import RedisTesting
import ServiceTesting
import Synchronization
import Testing

/// Three replicas of the service over one PostgreSQL and one Redis, each behind a network of its own to Redis.
final class CacheCluster: Sendable {
    static let replicaCount = 3
    static let nearByteCount = 1 << 20

    let postgres: PostgresServer
    let redis: RedisServer
    let proxies: [TCPProxy]
    private let folder: TemporaryFolder
    private let environment: [String: String]
    private let services = Mutex<[Int: RunningService]>([:])
    private let incarnations = Mutex<[Int]>(Array(repeating: 0, count: replicaCount))

    /// - Parameters:
    ///   - protection: One that is left out.
    ///   - hasNear: Whether the replicas have caches of their own.
    ///   - times: How long a reader may take to fill a key, and for how long a write closes one, in milliseconds.
    ///   - commandTimeout: How long Redis may take to answer, in milliseconds, where that is not what is tested.
    static func start(
        without protection: String? = nil, hasNear: Bool = true, times: (lease: Int, quarantine: Int) = (300, 1000),
        commandTimeout: Int? = nil
    ) async throws -> CacheCluster {
        let redis = try await RedisServer.start()
        var proxies: [TCPProxy] = []
        for _ in 0..<replicaCount { proxies.append(try await TCPProxy.start(to: redis.port)) }
        let cluster = CacheCluster(
            postgres: try await PostgresServer.start(["max_connections=60"]), redis: redis, proxies: proxies,
            folder: try TemporaryFolder(), protection: protection,
            nearByteCount: hasNear ? nearByteCount : 0, times: times, commandTimeout: commandTimeout)
        for index in 0..<replicaCount { try await cluster.startReplica(index) }
        return cluster
    }

    private init(
        postgres: PostgresServer, redis: RedisServer, proxies: [TCPProxy], folder: TemporaryFolder, protection: String?,
        nearByteCount: Int, times: (lease: Int, quarantine: Int), commandTimeout: Int?
    ) {
        (self.postgres, self.redis, self.proxies, self.folder) = (postgres, redis, proxies, folder)
        var environment = [
            "RATE_LIMIT_RATE": "off", "RATE_LIMIT_ADDRESS_RATE": "off", "LOG_LEVEL": "warning",
            "CACHE_NEAR_BYTES": "\(nearByteCount)", "CACHE_TEST_LEASE": "\(times.lease)",
            "CACHE_TEST_QUARANTINE": "\(times.quarantine)",
            "CACHE_TTL": "60s", "CACHE_NEGATIVE_TTL": "2s",
        ]
        environment["CACHE_TEST_WITHOUT"] = protection
        environment["CACHE_TEST_COMMAND_TIMEOUT"] = commandTimeout.map(String.init)
        self.environment = environment
    }

    // MARK: - Replicas

    func startReplica(_ index: Int) async throws {
        let service = try await RunningService.start(
            on: postgres.url(), ["--redis-url", "redis://127.0.0.1:\(proxies[index].port)", "--log-level", "info"],
            environment: environment.merging(["CACHE_TEST_POINTS": pointsPath(index)]) { $1 })
        incarnations.withLock { $0[index] += 1 }
        services.withLock { $0[index] = service }
    }

    /// The service of a replica, and which of its processes it is; nil while there is none.
    func replica(_ index: Int) -> (service: RunningService, name: CacheHistory.Replica)? {
        let incarnation = incarnations.withLock { $0[index] }
        guard let service = services.withLock({ $0[index] }), service.process.isRunning else { return nil }
        return (service, CacheHistory.Replica(index: index, incarnation: incarnation))
    }

    func signal(_ index: Int, _ signal: Int32) { services.withLock { $0[index] }?.process.kill(signal) }

    /// Starts those again that have ended.
    func restartEnded() async throws {
        for index in 0..<Self.replicaCount where replica(index) == nil { try await startReplica(index) }
    }

    /// Has replicas pause, or end, in the midst of the protocol; see `CacheTestSettings`.
    func setPoints(_ lines: String, of index: Int? = nil) throws {
        for each in 0..<Self.replicaCount where index == nil || index == each {
            try Data(lines.utf8).write(to: URL(fileURLWithPath: pointsPath(each)), options: .atomic)
        }
    }

    private func pointsPath(_ index: Int) -> String { folder("points-\(index)") }

    func stop() async throws {
        for index in 0..<Self.replicaCount {
            guard let service = services.withLock({ $0[index] }) else { continue }
            service.process.kill(SIGTERM)
            _ = try await service.process.exitCode()
        }
    }

    // MARK: - At rest

    /// Waits until every replica serves from both tiers again.
    func waitUntilCalm() async throws {
        for index in 0..<Self.replicaCount {
            guard let (service, _) = replica(index) else { continue }
            var last: [String: Double] = [:]
            try await wait(for: "a calm replica \(index): \(last)\n\(service.process.log)") {
                last = try await service.metrics().filter {
                    $0.key.hasPrefix("cache_near_stale") || $0.key.hasPrefix("redis_up")
                        || $0.key.hasPrefix("cache_breaker")
                }
                let age = last["cache_near_staleness_seconds"] ?? -1
                return age >= 0 && age < 0.3 && last["redis_up"] == 1 && last["cache_breaker_state"] == 0
            }
        }
    }

    /// The version of each product that is in the store.
    func storedVersions() async throws -> [String: Int] {
        let lines = try await postgres.execute("select id, version from products").split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: "|")
                return (String(parts[0]), Int(parts[1]) ?? 0)
            })
    }

    /// What Redis holds of products, in the key space of its present run: kind and version.
    func cachedVersions() async throws -> [String: String] {
        let run =
            try await redis.execute("INFO", "server").split(separator: "\r\n")
            .first { $0.hasPrefix("run_id:") }?.dropFirst(7).prefix(8) ?? ""
        let script = """
            local found = {} for _, key in ipairs(redis.call('KEYS', 'c1:\(run):1:p:*')) do
            found[#found + 1] = string.sub(key, -36) .. ' ' .. redis.call('GETRANGE', key, 0, 16) end return found
            """
        let lines = try await redis.execute("EVAL", script, "0").split(separator: "\n")
        return Dictionary(
            lines.compactMap { line in
                let parts = line.split(separator: " ")
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            }
        ) { first, _ in first }
    }
}
