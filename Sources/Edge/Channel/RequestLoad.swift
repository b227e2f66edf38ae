// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts the requests in flight: those that the middleware have let pass, until they are answered and the work for them
/// has ended. Thread-safe.
public final class RequestLoad: Sendable {
    private let current = Atomic(0)

    public init() {}

    /// How many requests are in flight.
    public var count: Int { current.load(ordering: .relaxed) }

    func begin() { current.add(1, ordering: .relaxed) }

    func end() { current.subtract(1, ordering: .relaxed) }
}
