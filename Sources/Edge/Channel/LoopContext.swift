// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What the connections of one event loop share. Only used on that loop.
final class LoopContext {
    let eventLoop: any EventLoop
    let executor: LoopExecutor
    var date = DateLine()
    /// Where answers are put together; free again as soon as the system has taken them.
    var output: ByteBuffer

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        executor = LoopExecutor(eventLoop: eventLoop)
        output = ByteBufferAllocator().buffer(capacity: 4096)
    }
}
