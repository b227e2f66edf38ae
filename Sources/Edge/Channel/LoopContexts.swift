// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

/// The context of each event loop of a listener, made when its first connection comes. Thread-safe.
final class LoopContexts: Sendable {
    private let contexts = Mutex<[ObjectIdentifier: NIOLoopBound<LoopContext>]>([:])

    /// The context of the event loop this is called on.
    func context(of eventLoop: any EventLoop) -> LoopContext {
        let key = ObjectIdentifier(eventLoop)
        let bound = contexts.withLock { contexts in
            if let bound = contexts[key] { return bound }
            let bound = NIOLoopBound(LoopContext(eventLoop: eventLoop), eventLoop: eventLoop)
            contexts[key] = bound
            return bound
        }
        return bound.value
    }
}
