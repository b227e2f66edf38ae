// SPDX-License-Identifier: Apache-2.0

/// What tokens must say to be taken.
public struct TokenPolicy: Sendable, Hashable {
    /// What `iss` must be; any or none when nil.
    public var issuer: String?
    /// What `aud` must be, or have among others; any or none when nil.
    public var audience: String?
    /// By how much the clocks of whoever issues and of whoever verifies may differ, in seconds: 0 to 300.
    public var leeway: Int64
    /// The longest time that a token may be valid for, in seconds, from `iat`, or from now when it has none.
    public var maximumLifetime: Int64

    /// The longest token, in bytes: longer ones are refused before anything is done with them.
    public static let maximumTokenByteCount = 8 << 10

    /// The defaults: 30 seconds of leeway, and a day's lifetime.
    public init(issuer: String? = nil, audience: String? = nil, leeway: Int64 = 30, maximumLifetime: Int64 = 86_400) {
        precondition((0...300).contains(leeway) && maximumLifetime > 0, "a leeway of 0 to 300 s, and some lifetime")
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
        self.maximumLifetime = maximumLifetime
    }
}
