// SPDX-License-Identifier: Apache-2.0

public import Logging
public import PrometheusMetrics
public import RateLimiting

/// Limits how many requests come from one address, before anything is done for them: the work of verifying tokens, say.
///
/// Addresses of IPv6 count by their network of 64 bits. Probes and scrapes are not limited. What it refuses tells only
/// when to come back (`Retry-After`): how much others behind the same address have used is not told.
public struct AddressRateLimit: EdgeMiddleware {
    private let gate: RateLimitGate?

    /// - Parameters:
    ///   - limiter: Keyed by ``IPAddress/network``; nil for no limit.
    ///   - mode: What comes of requests over the limit.
    public init(
        limiter: LocalRateLimiter<UInt128>?, mode: RateLimitMode, registry: MetricsRegistry, logger: Logger
    ) {
        gate = RateLimitGate(
            name: "address", limiter: limiter, mode: mode, tellsLimit: false, registry: registry, logger: logger)
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        // What has no address, such as a client on a local socket, is not told apart.
        gate?.check(exchange.client?.network ?? 0, &exchange) ?? .proceed
    }
}
