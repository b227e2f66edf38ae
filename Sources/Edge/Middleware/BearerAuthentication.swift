// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
public import JWT
public import Logging
public import PrometheusMetrics

/// Lets requests pass whose token is in order and has the scope that the route asks for.
///
/// Nothing of no route passes: it is answered with 404 here, so that whatever a router behind this takes for one of its
/// paths, it has been asked for under a rule. A token that is missing is a 401, one that is refused the same 401
/// whatever the reason, with `error="invalid_token"` (RFC 6750 section 3.1); one without the scope is a 403. Reasons go
/// to the metrics and the debug log.
public struct BearerAuthentication: EdgeMiddleware {
    private let verifier: TokenVerifier
    private let keys: @Sendable () -> KeySet
    private let now: @Sendable () -> Int64
    private let logger: Logger

    private let succeeded: Counter
    private let missing: Counter
    private let invalid: Counter
    private let expired: Counter
    private let forbidden: Counter
    private let reasons: [TokenError.Code: Counter]
    private let malformed: Counter

    /// - Parameters:
    ///   - keys: The keys in force; asked for each request, as they may be rotated.
    ///   - now: Seconds since 1970.
    public init(
        policy: TokenPolicy, keys: @escaping @Sendable () -> KeySet,
        now: @escaping @Sendable () -> Int64 = WallTime.now,
        registry: MetricsRegistry, logger: Logger
    ) {
        verifier = TokenVerifier(policy: policy)
        self.keys = keys
        self.now = now
        self.logger = logger
        let results = registry.counter(
            "auth_requests_total", "Requests by what became of their tokens.", labels: ["result"])
        succeeded = results.with("ok")
        missing = results.with("missing")
        invalid = results.with("invalid")
        expired = results.with("expired")
        forbidden = results.with("forbidden")
        let failures = registry.counter(
            "auth_failures_total", "Tokens that were refused, by the reason.", labels: ["reason"])
        reasons = Dictionary(
            uniqueKeysWithValues: TokenError.Code.allCases.map { ($0, failures.with($0.rawValue)) })
        malformed = failures.with("header")
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        guard let request = exchange.request else { return .proceed }
        guard let route = exchange.route else {
            return .respond(Problem.nothingHere.reply(to: request))
        }
        guard case .scopes(let read, let write) = route.access else { return .proceed }
        switch BearerToken(of: request) {
        case .missing:
            missing.add()
            return refuse(&exchange, as: "missing_token", challenge: "Bearer")
        case .malformed:
            invalid.add()
            malformed.add()
            return refuse(&exchange, as: "invalid_token", challenge: Self.invalidTokenChallenge)
        case .token(let token):
            do throws(TokenError) {
                let claims = try request.fields.withBytes(at: token) { [verifier] token in
                    Result { () throws(TokenError) in try verifier.verify(token, with: keys(), at: now()) }
                }.get()
                exchange.principal = Principal(claims)
                let scope = request.isSafe ? read : write
                guard claims.allows(scope) else { return forbid(&exchange, scope: scope) }
                succeeded.add()
                return .proceed
            } catch {
                note(error, exchange)
                return refuse(&exchange, as: "invalid_token", challenge: Self.invalidTokenChallenge)
            }
        }
    }

    private static let invalidTokenChallenge = #"Bearer error="invalid_token""#

    private func note(_ error: TokenError, _ exchange: Exchange) {
        (error.code == .expired ? expired : invalid).add()
        reasons[error.code]?.add()
        guard logger.logLevel <= .debug else { return }
        exchange.withLogScope {
            logger.debug("a token was refused", metadata: ["reason": "\(error.code.rawValue)"])
        }
    }

    private func refuse(_ exchange: inout Exchange, as errorType: String, challenge: String) -> Verdict {
        exchange.errorType = errorType
        return .respond(
            Problem(
                status: .unauthorized, detail: "A valid token is needed: send Authorization: Bearer TOKEN.",
                headers: [.wwwAuthenticate: challenge]
            ).reply(to: exchange.request))
    }

    private func forbid(_ exchange: inout Exchange, scope: String) -> Verdict {
        forbidden.add()
        exchange.errorType = "insufficient_scope"
        return .respond(
            Problem(
                status: .forbidden, detail: "The token does not have the scope that is needed: \(scope).",
                headers: [.wwwAuthenticate: #"Bearer error="insufficient_scope", scope="\#(scope)""#]
            ).reply(to: exchange.request))
    }
}

extension RequestHead {
    /// Whether the method only reads (RFC 9110 section 9.2.1).
    var isSafe: Bool { method == .get || method == .head || method == .options }
}
