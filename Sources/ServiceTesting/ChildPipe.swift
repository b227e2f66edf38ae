// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A pipe whose ends no other child inherits.
package final class ChildPipe: Sendable {
    package let readEnd: Int32
    package let writeEnd: Int32

    package init() throws {
        var ends: [Int32] = [0, 0]
        let result = ChildProcess.startLock.withLock { _ in
            let result = pipe(&ends)
            for end in ends where result == 0 { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return result
        }
        if result != 0 { throw ChildProcess.Failure.system(errno: errno) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    /// Reads what is there, waiting for the first byte. Empty at the end.
    package func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Foundation.read(readEnd, &buffer, buffer.count)
            if count >= 0 { return Array(buffer[..<count]) }
            if errno != EINTR { return [] }
        }
    }

    package func closeReadEnd() { close(readEnd) }

    package func closeWriteEnd() { close(writeEnd) }
}
