// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import NIOCore

/// What all connections of a listener share.
struct EdgeShared: Sendable {
    /// Asks the responder; throws what it throws.
    typealias Respond = @Sendable (Request, any Channel) async throws -> Response

    let configuration: EdgeConfiguration
    let chain: MiddlewareChain
    let respond: Respond
    let load: RequestLoad
    let connections: ConnectionCount
    let isDraining: @Sendable () -> Bool
}
