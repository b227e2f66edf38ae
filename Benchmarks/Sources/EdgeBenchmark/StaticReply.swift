// SPDX-License-Identifier: Apache-2.0

import Edge
import Hummingbird

/// Answers every request of one path with the same bytes: the shortest way through the edge.
struct StaticReply: EdgeMiddleware {
    let path: String
    let reply: Reply

    func receive(_ exchange: inout Exchange) -> Verdict {
        guard let path = exchange.request?.path, path == self.path else { return .proceed }
        return .respond(reply)
    }
}
