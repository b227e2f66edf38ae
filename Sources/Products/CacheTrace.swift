// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Takes down what caches had to do with what the running task asks for, for whoever wants to tell. Thread-safe.
package final class CacheTrace: Sendable {
    /// That of the running task; nil when nobody wants to know.
    @TaskLocal package static var current: CacheTrace?

    private let state = Mutex<CacheReport?>(nil)

    package init() {}

    /// The report of the last read; nil when no cache had to do with it.
    package var report: CacheReport? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
