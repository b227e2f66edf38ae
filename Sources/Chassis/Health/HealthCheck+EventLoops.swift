// SPDX-License-Identifier: Apache-2.0

package import NIOCore

extension HealthCheck {
    /// Whether every event loop of `group` still takes up work: the one thing liveness rests on.
    package static func eventLoops(of group: any EventLoopGroup) -> HealthCheck {
        HealthCheck("event-loops", in: [.liveness]) {
            for eventLoop in group.makeIterator() {
                do {
                    try await eventLoop.submit {}.get()
                } catch {
                    return "an event loop has shut down"
                }
            }
            return nil
        }
    }
}
