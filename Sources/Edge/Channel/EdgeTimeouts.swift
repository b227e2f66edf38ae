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
        header = TimeAmount(configuration.headerTimeout)
        body = TimeAmount(configuration.bodyTimeout)
        write = TimeAmount(configuration.writeTimeout)
        request = TimeAmount(configuration.requestTimeout)
        idle = TimeAmount(configuration.idleTimeout)
    }

    /// The shortest of all: how often a connection looks at its deadline, so that a new one is never seen too late.
    var shortest: TimeAmount { min(header, body, write, request, idle) }
}
