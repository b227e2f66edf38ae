// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Edge

@Suite struct `The watch over writes` {
    @Test func `tells a client that takes nothing from one that is slow`() {
        var watch = WriteWatch()
        watch.writtenByteCount = 100
        func isStalled(_ pending: Int, at second: UInt64) -> Bool {
            watch.isStalled(
                pendingByteCount: pending, limit: .seconds(10), now: .uptimeNanoseconds(second * 1_000_000_000))
        }
        #expect(!isStalled(100, at: 0))
        #expect(!isStalled(100, at: 9))
        #expect(!isStalled(99, at: 10), "one byte was taken")
        #expect(!isStalled(99, at: 19))
        watch.writtenByteCount += 50
        #expect(isStalled(149, at: 20), "more to take is not more taken")
        #expect(!isStalled(0, at: 30))
        #expect(!isStalled(50, at: 100), "a new wait begins")
    }
}
