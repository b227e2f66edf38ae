// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Keeps the time that the caller still has: `X-Envoy-Expected-Rq-Timeout-Ms`, as Envoy, and what is built on it, tells
/// it.
///
/// An answer that would come later is wanted by nobody: the work is cancelled then, or not begun. It only ever shortens
/// the server's own deadline. What is no whole number of milliseconds from 1 to an hour is not looked at.
public struct ClientDeadline: EdgeMiddleware {
    private static let headerName = "x-envoy-expected-rq-timeout-ms"

    public init() {}

    public func receive(_ exchange: inout Exchange) -> Verdict {
        if let value = exchange.request?.only(ofLowercased: Self.headerName), let milliseconds = Int64(value),
            (1...3_600_000).contains(milliseconds)
        {
            exchange.deadline = exchange.receivedAt + .milliseconds(milliseconds)
        }
        return .proceed
    }
}
