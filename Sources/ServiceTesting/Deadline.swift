// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a deadline has passed. Thread-safe.
final class Deadline: Sendable {
    private let passed = Atomic(false)

    var hasPassed: Bool { passed.load(ordering: .relaxed) }

    func pass() { passed.store(true, ordering: .relaxed) }
}
