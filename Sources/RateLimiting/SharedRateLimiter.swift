// SPDX-License-Identifier: Apache-2.0

/// A limiter that keeps its buckets where several processes share them, and one of this process for when it cannot
/// reach them. Thread-safe.
public protocol SharedRateLimiter<Key>: RateLimiter {
    /// The limiter of this process: it decides when the shared buckets cannot be reached, and is kept up to date
    /// meanwhile.
    var local: LocalRateLimiter<Key> { get }

    /// Takes tokens out of the key's bucket, all or none, and calls back once: at once when the shared buckets cannot
    /// be reached, else from where the answer comes in.
    func take(_ count: Int, for key: Key, _ completion: @escaping @Sendable (SharedRateLimitDecision) -> Void)
}

/// A decision, and who made it.
public struct SharedRateLimitDecision: Sendable, Hashable {
    public let decision: RateLimitDecision
    /// Whether the limiter of this process decided, as the shared buckets could not be reached.
    public let isFallback: Bool

    public init(_ decision: RateLimitDecision, isFallback: Bool) {
        self.decision = decision
        self.isFallback = isFallback
    }
}
