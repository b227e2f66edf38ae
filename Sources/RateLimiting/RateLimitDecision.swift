// SPDX-License-Identifier: Apache-2.0

/// Whether tokens were there to be taken, and how things stand behind that.
public struct RateLimitDecision: Sendable, Hashable {
    /// Whether they were taken.
    public let isAllowed: Bool

    // In units of the limit; what they mean is worked out when it is asked for.
    @usableFromInline let level: UInt64
    /// What is missing; nil for what will never be there.
    @usableFromInline let missing: UInt64?
    @usableFromInline let limit: RateLimit

    @inlinable
    init(isAllowed: Bool, level: UInt64, missing: UInt64?, limit: RateLimit) {
        self.isAllowed = isAllowed
        self.level = level
        self.missing = missing
        self.limit = limit
    }

    /// How many whole tokens are left.
    public var remaining: Int { Int(level / limit.unitsPerToken) }

    /// How long to wait before as many can be taken, if nobody else takes any; zero when they were taken, nil when they
    /// never will be there.
    public var retryAfter: Duration? { missing.flatMap { limit.time(for: $0) } }

    /// How long until the bucket is full again, if nobody takes any; nil when it never will be.
    public var fullAfter: Duration? { limit.time(for: limit.capacity - level) }
}
