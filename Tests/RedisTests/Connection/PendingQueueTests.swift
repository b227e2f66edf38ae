// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Redis

@Suite struct `The queue of commands that wait` {
    private static func command(until deadline: UInt64) -> PendingCommand {
        PendingCommand(
            waiter: .nobody, operation: .get, sentAt: .uptimeNanoseconds(0), deadline: .uptimeNanoseconds(deadline),
            isProbe: false)
    }

    @Test func `gives replies to commands in the order they were sent`() {
        var queue = PendingQueue()
        for deadline in 1...3 { queue.append(Self.command(until: UInt64(deadline))) }
        #expect(queue.replyArrived()?.deadline == .uptimeNanoseconds(1))
        #expect(queue.replyArrived()?.deadline == .uptimeNanoseconds(2))
        #expect(queue.count == 1)
        #expect(queue.replyArrived()?.deadline == .uptimeNanoseconds(3))
        #expect(queue.replyArrived() == nil)
    }

    @Test func `keeps the place of a command whose time is up`() {
        var queue = PendingQueue()
        for deadline in [10, 20, 30] { queue.append(Self.command(until: UInt64(deadline))) }
        #expect(queue.expire(at: .uptimeNanoseconds(9)).isEmpty)
        #expect(queue.expire(at: .uptimeNanoseconds(20)).count == 2)
        #expect(queue.expire(at: .uptimeNanoseconds(20)).isEmpty, "once each")
        #expect(queue.nextDeadline == .uptimeNanoseconds(30))
        #expect(queue.isFrontExpired)
        _ = queue.replyArrived()
        #expect(queue.isFrontExpired)
        _ = queue.replyArrived()
        #expect(!queue.isFrontExpired)
        #expect(queue.replyArrived()?.deadline == .uptimeNanoseconds(30))
        #expect(queue.nextDeadline == nil)
    }

    @Test func `counts a command's time from when it has left`() {
        var queue = PendingQueue()
        queue.append(Self.command(until: 20))
        queue.left(at: .uptimeNanoseconds(1))
        queue.append(Self.command(until: 20))
        queue.left(at: .uptimeNanoseconds(50))
        #expect(queue.expire(at: .uptimeNanoseconds(60)).count == 1)
        #expect(queue.nextDeadline == .uptimeNanoseconds(70))
    }
}
