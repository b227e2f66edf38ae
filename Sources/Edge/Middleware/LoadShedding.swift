// SPDX-License-Identifier: Apache-2.0

/// Refuses requests, with 503 and `Retry-After`, while too many are being worked on: those that are let in are answered
/// in time.
///
/// Reads are refused first, as a part of the places is kept for writes. Probes and scrapes, as long as they have no
/// body, are never refused.
public struct LoadShedding: EdgeMiddleware {
    private let load: RequestLoad

    /// - Parameter load: That of the server, with its limits.
    public init(load: RequestLoad) { self.load = load }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        if exchange.route?.purpose == .operation, case .told(0) = exchange.request?.bodyLength {
            exchange.isSparedByLoadShedding = true
            return .proceed
        }
        return load.isFull(isRead: exchange.request?.isSafe ?? true) ? exchange.refuse(.overload) : .proceed
    }
}
