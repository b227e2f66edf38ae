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

    /// A decision that was made elsewhere, by one who counts in units of its own.
    ///
    /// - Parameters:
    ///   - count: How many tokens were asked for, 0 or more.
    ///   - level: What is left, in those units.
    ///   - unitsPerToken: How many of them a token is worth, 1 or more.
    public init(isAllowed: Bool, count: Int, level: UInt64, unitsPerToken: UInt64, limit: RateLimit) {
        let (tokens, rest) = level.quotientAndRemainder(dividingBy: max(1, unitsPerToken))
        let part = rest.multipliedFullWidth(by: limit.unitsPerToken)
        let (whole, overflow) = tokens.multipliedReportingOverflow(by: limit.unitsPerToken)
        let own = overflow ? limit.capacity : whole &+ max(1, unitsPerToken).dividingFullWidth(part).quotient
        let capped = min(own, limit.capacity)
        let (price, isTooMuch) = limit.unitsPerToken.multipliedReportingOverflow(by: UInt64(max(0, count)))
        let missing = isTooMuch || price > limit.capacity ? nil : price - min(price, capped)
        self.init(isAllowed: isAllowed, level: capped, missing: isAllowed ? 0 : missing, limit: limit)
    }

    /// How many whole tokens are left.
    public var remaining: Int { Int(level / limit.unitsPerToken) }

    /// How long to wait before as many can be taken, if nobody else takes any; zero when they were taken, nil when they
    /// never will be there.
    public var retryAfter: Duration? { missing.flatMap { limit.time(for: $0) } }

    /// How long until the bucket is full again, if nobody takes any; nil when it never will be.
    public var fullAfter: Duration? { limit.time(for: limit.capacity - level) }
}
