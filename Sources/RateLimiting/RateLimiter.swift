// SPDX-License-Identifier: Apache-2.0

/// Limits how much each of many keys takes: callers by their name, clients by their address.
///
/// One that keeps its buckets elsewhere, for several replicas together, decides for itself what holds when it cannot
/// reach them; it never throws. Thread-safe.
public protocol RateLimiter<Key>: Sendable {
    /// What is limited. Two keys share a bucket only when they are equal.
    associatedtype Key: Hashable & Sendable

    /// What each key may take.
    var limit: RateLimit { get }

    /// Takes tokens out of the key's bucket, all or none.
    ///
    /// - Parameter count: 0 or more.
    func take(_ count: Int, for key: Key) async -> RateLimitDecision
}
