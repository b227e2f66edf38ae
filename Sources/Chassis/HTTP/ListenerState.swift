// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether, and where, a listener listens. Thread-safe.
package final class ListenerState: Sendable {
    private let boundPort = Atomic(0)

    package init() {}

    /// The port it listens on; nil until it does.
    package var port: Int? {
        let port = boundPort.load(ordering: .relaxed)
        return port == 0 ? nil : port
    }

    func listens(on port: Int) { boundPort.store(port, ordering: .relaxed) }
}
