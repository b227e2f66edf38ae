// SPDX-License-Identifier: Apache-2.0

/// Whether tokens were there to be taken, and how things stand behind that.
public struct RateLimitDecision: Sendable, Hashable {
    /// Whether they were taken.
    public var isAllowed: Bool
    /// How many whole tokens are left.
    public var remaining: Int
    /// How long to wait before as many can be taken, if nobody else takes any; zero when they were taken, nil when they never
    /// will be there.
    public var retryAfter: Duration?
    /// How long until the bucket is full again, if nobody takes any; nil when it never will be.
    public var fullAfter: Duration?

    public init(isAllowed: Bool, remaining: Int, retryAfter: Duration?, fullAfter: Duration?) {
        self.isAllowed = isAllowed
        self.remaining = remaining
        self.retryAfter = retryAfter
        self.fullAfter = fullAfter
    }
}
