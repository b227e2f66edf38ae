// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// The commands that wait for their replies, in the order they were sent: the order in which replies come.
///
/// One that has run out of time keeps its place, so that its reply, when it comes at last, is not taken for another's.
struct PendingQueue {
    private var commands: Deque<PendingCommand> = []
    /// How many, from the front, have run out of time.
    private var expiredCount = 0
    /// How many, from the back, have not left yet.
    private var heldCount = 0

    var count: Int { commands.count }
    var isEmpty: Bool { commands.isEmpty }

    /// When the next of those that have time left runs out of it.
    ///
    /// Deadlines are looked at in the order of sending: one that is nearer than that of a command before it is met
    /// late.
    var nextDeadline: NIODeadline? { expiredCount < commands.count ? commands[expiredCount].deadline : nil }

    /// When the command at the front was sent; nil when none waits.
    var oldestSendTime: NIODeadline? { commands.first?.sentAt }

    /// - Parameter isHeld: Whether it waits for others to leave with it.
    mutating func append(_ command: PendingCommand, isHeld: Bool = true) {
        commands.append(command)
        heldCount = isHeld ? heldCount + 1 : 0
    }

    /// Those that were held have left by now: their time counts from here, however long the turn was that they waited
    /// for.
    mutating func left(at now: NIODeadline) {
        for index in (commands.count - min(heldCount, commands.count))..<commands.count {
            commands[index].deadline = max(
                commands[index].deadline, now + (commands[index].deadline - commands[index].sentAt))
        }
        heldCount = 0
    }

    /// The command that a reply is for; nil for a reply to nothing.
    mutating func replyArrived() -> PendingCommand? {
        if expiredCount > 0 { expiredCount -= 1 }
        return commands.popFirst()
    }

    /// Takes those whose time is up; they keep their places.
    mutating func expire(at now: NIODeadline) -> [PendingCommand] {
        var expired: [PendingCommand] = []
        while expiredCount < commands.count, commands[expiredCount].deadline <= now {
            expired.append(commands[expiredCount])
            commands[expiredCount].waiter = .nobody
            expiredCount += 1
        }
        return expired
    }

    /// Takes all that wait, in their order.
    mutating func removeAll() -> Deque<PendingCommand> {
        expiredCount = 0
        heldCount = 0
        let all = commands
        commands = []
        return all
    }

    /// Whether a reply to the command at the front comes too late.
    var isFrontExpired: Bool { expiredCount > 0 }
}
