// SPDX-License-Identifier: Apache-2.0

/// Refuses requests, with 503 and `Retry-After`, while too many are in flight: those that are let in are answered in time.
///
/// Probes and scrapes are never refused.
public struct LoadShedding: EdgeMiddleware {
    private let load: RequestLoad
    private let limit: Int

    /// - Parameters:
    ///   - load: That of the server.
    ///   - limit: How many requests may be in flight.
    public init(load: RequestLoad, limit: Int) {
        self.load = load
        self.limit = limit
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        guard load.count >= limit, exchange.route?.purpose != .operation else { return .proceed }
        return exchange.refuse(.overload)
    }
}
