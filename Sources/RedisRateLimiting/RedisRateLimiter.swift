// SPDX-License-Identifier: Apache-2.0

public import RateLimiting
public import Redis

/// Limits keys across all processes that share a Redis server, with token buckets on the server's clock.
///
/// ```swift
/// guard let limit = RateLimit(100, per: .seconds(1), burst: 200),
///     let limiter = RedisRateLimiter(name: "callers", limit: limit, redis: redis, keyed: { Array($0.utf8) })
/// else { return }
/// let decision = await limiter.take(1, for: "ada")
/// ```
///
/// In any time `t`, all processes together let at most `burst + rate · t` pass. While the server cannot be reached,
/// each goes by a limiter of its own: then it is that much for each of them. That limiter has seen what the shared one
/// let pass here, so that a key that has used up its burst does not get another; and a server that has lost its buckets
/// (`FLUSHALL`, a failover to one without them) lets at most one burst more pass. Buckets of keys that are not heard of
/// end by themselves, when they would be full.
///
/// Costs one round trip, of ``RedisConfiguration/commandTimeout`` at most. Thread-safe.
public final class RedisRateLimiter<Key: Hashable & Sendable>: SharedRateLimiter {
    public let limit: RateLimit
    public let local: LocalRateLimiter<Key>

    private let redis: RedisClient
    private let keyed: @Sendable (Key) -> [UInt8]
    private let units: BucketUnits
    private let prefix: [UInt8]

    /// - Parameters:
    ///   - name: Tells the limiter from others on the same server; without `:`.
    ///   - maximumKeyCount: How many keys the limiter of this process remembers.
    ///   - keyed: The part of the bucket's name that tells the key: the same in every process, at most some 100 bytes.
    /// - Returns: Nil when the limit's numbers are too large for the server to count with exactly (2^53), or it never
    ///   fills its buckets.
    public init?(
        name: String, limit: RateLimit, redis: RedisClient, maximumKeyCount: Int = 100_000,
        keyed: @escaping @Sendable (Key) -> [UInt8]
    ) {
        guard let units = BucketUnits(limit) else { return nil }
        self.limit = limit
        self.redis = redis
        self.keyed = keyed
        self.units = units
        local = LocalRateLimiter(limit: limit, maximumKeyCount: maximumKeyCount)
        // Another limit counts in other units.
        prefix = Array("rl1:\(name):\(units.perToken):\(units.perMicrosecond):".utf8)
    }

    public func take(_ count: Int, for key: Key) async -> RateLimitDecision {
        await withUnsafeContinuation { continuation in
            take(count, for: key) { continuation.resume(returning: $0.decision) }
        }
    }

    public func take(
        _ count: Int, for key: Key, _ completion: @escaping @Sendable (SharedRateLimitDecision) -> Void
    ) {
        let price = units.price(of: count)
        redis.run(
            RateLimitScript.take, keys: [RedisArgument(prefix + keyed(key))],
            arguments: [
                RedisArgument(price), RedisArgument(units.perMicrosecond), RedisArgument(units.capacity),
                RedisArgument(units.millisecondsToFill),
            ]
        ) { [local, limit, units] result in
            guard case .success(.array(let values)) = result, values.count == 2,
                case .integer(let isAllowed) = values[0], case .integer(let level) = values[1], level >= 0
            else {
                return completion(SharedRateLimitDecision(local.take(count, for: key), isFallback: true))
            }
            let decision = RateLimitDecision(
                isAllowed: isAllowed == 1, count: count, level: UInt64(level), unitsPerToken: units.perToken,
                limit: limit)
            // So that it knows what has been used when it has to decide.
            if decision.isAllowed { _ = local.take(count, for: key) }
            completion(SharedRateLimitDecision(decision, isFallback: false))
        }
    }
}
