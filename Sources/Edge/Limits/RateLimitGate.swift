// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Logging
import NIOCore
import PrometheusMetrics
import RateLimiting
import StrictJSON

/// Lets requests pass as a limiter says, refuses the others with 429, and counts both.
final class RateLimitGate: Sendable {
    private let limiter: LocalRateLimiter<UInt128>
    /// Nil when the process limits by itself.
    private let shared: (any SharedRateLimiter<UInt128>)?
    private let fields: RateLimitFields
    private let mode: RateLimitMode
    /// Whether answers tell the client of its limit.
    private let tellsLimit: Bool
    private let logger: Logger
    private let shadowLines = LineLimit(perSecond: 10)

    /// The refusals that ask to wait for 1 s, 2 s and so on, made once: what a refusal takes is taken from those that
    /// are served.
    private let refusals: [Reply]

    private let allowed: Counter
    private let denied: Counter
    private let fallback: Counter

    /// What the log calls a request that was refused here.
    static let errorType = "rate_limited"

    /// Nil without a limiter: then nothing is limited.
    ///
    /// - Parameters:
    ///   - name: Of the policy, in the header fields and in the metrics.
    ///   - shared: Decides instead, when it is given; `limiter` is its own of this process.
    init?(
        name: String, limiter: LocalRateLimiter<UInt128>?, shared: (any SharedRateLimiter<UInt128>)? = nil,
        mode: RateLimitMode, tellsLimit: Bool,
        registry: MetricsRegistry, logger: Logger
    ) {
        guard let limiter else { return nil }
        self.limiter = limiter
        self.shared = shared
        self.mode = mode
        self.tellsLimit = tellsLimit
        self.logger = logger
        fields = RateLimitFields(name: name, limit: limiter.limit)
        let fields = fields
        refusals = (1...Self.keptRefusalCount).map { Self.refusal(by: fields.name, after: $0) }
        let decisions = registry.counter(
            "ratelimit_requests_total", "What rate limits decided; what is denied is served in shadow mode.",
            labels: ["limiter", "decision"])
        allowed = decisions.with(name, "allow")
        denied = decisions.with(name, "deny")
        fallback = decisions.with(name, "fallback")
        registry.observe(
            .gauge, "ratelimit_keys", "Keys that are remembered, of callers or addresses.", labels: ["limiter"]
        ) { [MetricReading(Double(limiter.keyCount), labels: name)] }
    }

    func check(_ key: UInt128, _ exchange: inout Exchange) -> Verdict {
        let mode = mode.mode
        guard mode != .off, exchange.route?.purpose != .operation else { return .proceed }
        guard let shared else {
            let decision = limiter.take(1, for: key, at: exchange.receivedAt.uptimeNanoseconds)
            return verdict(on: decision, mode, &exchange)
        }
        let promise = exchange.eventLoop.makePromise(of: Verdict.Decision.self)
        shared.take(1, for: key) { [self] shared in
            // Callbacks come from any thread; the promise brings the decision to the exchange's own.
            promise.succeed { [self] exchange in
                if shared.isFallback { fallback.add() }
                return verdict(on: shared.decision, mode, &exchange)
            }
        }
        return .decide(promise.futureResult)
    }

    private func verdict(
        on decision: RateLimitDecision, _ mode: RateLimitMode.Mode, _ exchange: inout Exchange
    ) -> Verdict {
        if tellsLimit, mode == .enforce {
            exchange.addLine("RateLimit-Policy: ") { $0.append(contentsOf: fields.policy.utf8) }
            exchange.addLine("RateLimit: ") { fields.appendValue(for: decision, to: &$0) }
        }
        if decision.isAllowed {
            allowed.add()
            return .proceed
        }
        denied.add()
        if mode == .shadow {
            logShadow(exchange)
            return .proceed
        }
        exchange.errorType = Self.errorType
        let seconds = RateLimitFields.retryAfter(decision)
        let isKept = seconds <= Self.keptRefusalCount
        return .respond(isKept ? refusals[seconds - 1] : Self.refusal(by: fields.name, after: seconds))
    }

    private static let keptRefusalCount = 60

    private static func refusal(by name: String, after seconds: Int) -> Reply {
        var problem = Problem(
            status: .tooManyRequests, type: .registered("quota-exceeded"),
            title: "Request cannot be satisfied as assigned quota has been exceeded",
            detail: "There were too many requests: wait \(seconds) s.", headers: [.retryAfter: "\(seconds)"])
        problem.extend("violated-policies") { json in
            json.array { json in json.string(name) }
        }
        return problem.reply()
    }

    private func logShadow(_ exchange: Exchange) {
        guard let suppressedCount = shadowLines.admit(at: exchange.receivedAt) else { return }
        exchange.withLogScope {
            logger.notice(
                "a request would have been refused by the rate limit",
                metadata: [
                    "limiter": "\(fields.name)", "client.address": "\(exchange.clientAddress)",
                    "suppressed": "\(suppressedCount)",
                ])
        }
    }
}
