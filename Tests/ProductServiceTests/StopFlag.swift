// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Tells concurrent parts of a test to come to an end. Thread-safe.
final class StopFlag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() { raised.store(true, ordering: .relaxed) }
}
