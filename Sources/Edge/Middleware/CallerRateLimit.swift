// SPDX-License-Identifier: Apache-2.0

public import Logging
public import PrometheusMetrics
public import RateLimiting

/// Limits how many requests one caller makes, by the subject of its token, and tells it how things stand:
/// `RateLimit-Policy`, `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
///
/// Stands behind ``BearerAuthentication``; requests without a token are not limited here.
public struct CallerRateLimit: EdgeMiddleware {
    private let gate: RateLimitGate?

    /// - Parameters:
    ///   - limiter: Keyed by ``Principal/digest``; nil for no limit.
    ///   - mode: What comes of requests over the limit.
    public init(
        limiter: LocalRateLimiter<UInt128>?, mode: RateLimitMode, registry: MetricsRegistry, logger: Logger
    ) {
        gate = RateLimitGate(
            name: "caller", limiter: limiter, mode: mode, tellsLimit: true, registry: registry, logger: logger)
    }

    /// - Parameters:
    ///   - limiter: Keyed by ``Principal/digest``, for all processes together.
    ///   - mode: What comes of requests over the limit.
    public init(
        sharedLimiter limiter: any SharedRateLimiter<UInt128>, mode: RateLimitMode, registry: MetricsRegistry,
        logger: Logger
    ) {
        gate = RateLimitGate(
            name: "caller", limiter: limiter.local, shared: limiter, mode: mode, tellsLimit: true, registry: registry,
            logger: logger)
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        guard let gate, let principal = exchange.principal else { return .proceed }
        return gate.check(principal.digest, &exchange)
    }
}
