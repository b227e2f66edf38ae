// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many connections a server has open. Thread-safe.
public final class ConnectionCount: Sendable {
    private let open = Atomic(0)

    public init() {}

    /// How many there are, idle or not.
    public var count: Int { open.load(ordering: .relaxed) }

    func opened() { open.add(1, ordering: .relaxed) }

    func closed() { open.subtract(1, ordering: .relaxed) }
}
