// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The idempotency keys whose requests are being worked on in this process: as many as there are requests in flight.
/// Thread-safe.
final class IdempotencyKeysInUse: Sendable {
    private let keys = Mutex<Set<IdempotencyKey>>([])

    /// Returns false when a request with the key is being worked on already.
    func begin(_ key: IdempotencyKey) -> Bool { keys.withLock { $0.insert(key).inserted } }

    func end(_ key: IdempotencyKey) { _ = keys.withLock { $0.remove(key) } }
}
