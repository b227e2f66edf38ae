// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What the connections of one event loop share. Only used on that loop.
final class LoopContext {
    let eventLoop: any EventLoop
    let executor: LoopExecutor
    var date = DateLine()
    /// Where answers are put together; free again as soon as the system has taken them.
    var output: ByteBuffer

    /// Memory for the header lines that middleware add, between exchanges.
    private var spareLines: [UInt8] = []
    private static let spareCapacity = 1024

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        executor = LoopExecutor(eventLoop: eventLoop)
        output = ByteBufferAllocator().buffer(capacity: 4096)
    }

    /// Memory for lines, empty.
    func takeLines() -> [UInt8] {
        defer { spareLines = [] }
        return spareLines
    }

    func giveBack(_ lines: consuming [UInt8]) {
        guard lines.capacity <= Self.spareCapacity else { return }
        lines.removeAll(keepingCapacity: true)
        spareLines = lines
    }
}

extension [UInt8] {
    /// Moves the bytes out, so that whoever has them has the only reference to their memory.
    mutating func take() -> [UInt8] {
        let taken = self
        self = []
        return taken
    }
}
