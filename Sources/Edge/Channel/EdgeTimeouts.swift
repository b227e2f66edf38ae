// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The deadlines of a configuration, as the event loop counts.
struct EdgeTimeouts: Sendable {
    let header: TimeAmount
    let body: TimeAmount
    let write: TimeAmount
    let request: TimeAmount
    let idle: TimeAmount

    init(_ configuration: EdgeConfiguration) {
        header = Self.amount(configuration.headerTimeout)
        body = Self.amount(configuration.bodyTimeout)
        write = Self.amount(configuration.writeTimeout)
        request = Self.amount(configuration.requestTimeout)
        idle = Self.amount(configuration.idleTimeout)
    }

    private static func amount(_ timeout: Duration) -> TimeAmount {
        TimeAmount(max(timeout, EdgeConfiguration.shortestTimeout))
    }

    /// The shortest of all: how often a connection looks at its deadline, so that a new one is never seen too late.
    var shortest: TimeAmount { min(header, body, write, request, idle) }
}
