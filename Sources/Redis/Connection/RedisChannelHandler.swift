// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore

/// The end of one connection's pipeline: writes commands, hands each reply to the one that waits for it, and keeps the
/// time. Used on the connection's event loop alone.
///
/// What is written in one turn of the loop leaves in one piece, at once when no reply is due.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Told of every command's end: with its reply, or when its time is up.
    var commandEnded: ((PendingCommand, Result<RedisReply, RedisError>, NIODeadline) -> Void)?
    /// Told once, when the connection is at its end and nothing waits any more.
    var closed: ((RedisError) -> Void)?
    /// Takes what comes on a connection that subscribes, where nothing that comes is a reply to anything.
    var pushed: ((RedisReply) -> Void)?

    private let configuration: RedisConfiguration
    private let decoder: ReplyDecoder
    private let silenceLimit: TimeAmount
    private let commandTimeout: TimeAmount
    private var context: ChannelHandlerContext?
    private var pending = PendingQueue()
    private var output = ByteBuffer()
    /// Whether a flush is to come at the end of this turn.
    private var isFlushDue = false
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?
    private var lastByteAt = NIODeadline.distantPast
    /// Why the connection is being closed; what has closed it otherwise is the network or the server.
    private var failure: RedisError?

    private static let lateness = TimeAmount.milliseconds(4)
    private static let maximumLateTurns: Int64 = 5
    private static let silenceCheckInterval = TimeAmount.milliseconds(100)

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
        decoder = ReplyDecoder(limits: ReplyLimits(byteCount: configuration.maximumReplyByteCount))
        silenceLimit = TimeAmount(configuration.silenceLimit)
        commandTimeout = TimeAmount(configuration.commandTimeout)
    }

    /// How many commands wait for their replies.
    var pendingCount: Int { pending.count }

    // MARK: - Commands

    /// Sends a command, unless there are too many already. The waiter is told in any case.
    func send(
        _ command: RedisCommand, _ waiter: PendingCommand.Waiter, now: NIODeadline, timeout: Duration,
        isProbe: Bool = false
    ) {
        guard let context, failure == nil else { return waiter.resume(.failure(RedisError(.notConnected))) }
        guard pending.count < configuration.maximumPendingCount, context.channel.isWritable,
            output.readableBytes <= configuration.maximumPendingByteCount
        else { return waiter.resume(.failure(RedisError(.overloaded))) }
        let isQuiet = pending.isEmpty && !isFlushDue
        let deadline = now + TimeAmount(timeout)
        pending.append(
            PendingCommand(
                waiter: waiter, operation: command.operation, sentAt: now, deadline: deadline, isProbe: isProbe),
            isHeld: !isQuiet)
        setTimer(at: deadline)
        write(command, atOnce: isQuiet)
    }

    /// Sends a command that has no reply, or one that is pushed.
    func post(_ command: RedisCommand) { if context != nil, failure == nil { write(command, atOnce: true) } }

    private func write(_ command: RedisCommand, atOnce: Bool) {
        RESPEncoding.append(command, to: &output)
        if atOnce {
            flush()
        } else {
            flushAtEndOfTurn()
        }
    }

    private func flushAtEndOfTurn() {
        if isFlushDue { return }
        isFlushDue = true
        guard let eventLoop = context?.eventLoop else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            bound.value.isFlushDue = false
            bound.value.flushHeld()
        }
    }

    private func flushHeld() {
        if output.readableBytes == 0 { return }
        pending.left(at: .now())
        flush()
    }

    private func flush() {
        guard let context, output.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        // Uses the memory again once the system has taken the bytes.
        output.clear()
    }

    /// Ends the connection; what waits is told that it is lost.
    func close(because error: RedisError) {
        guard failure == nil else { return }
        failure = error
        // Not only once the other end has agreed, which with TLS takes a while.
        failPending(because: error)
        context?.close(promise: nil)
    }

    private func failPending(because error: RedisError) {
        let now = NIODeadline.now()
        let lost = RedisError(.connectionLost, message: error.message)
        for command in pending.removeAll() { end(command, .failure(lost), at: now) }
    }

    // MARK: - Time

    /// Has the time looked at then, or earlier if that is due already.
    private func setTimer(at deadline: NIODeadline) {
        guard let eventLoop = context?.eventLoop, deadline < timer?.due ?? .distantFuture else { return }
        timer?.task.cancel()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let task = eventLoop.scheduleTask(deadline: deadline) { bound.value.timerFired(at: .now(), due: deadline) }
        timer = (task, deadline)
    }

    private func timerFired(at now: NIODeadline, due: NIODeadline) {
        timer = nil
        guard context != nil else { return }
        if mayBeOwnLateness(now, due: due) { return setTimer(at: now + commandTimeout) }
        for command in pending.expire(at: now) { end(command, .failure(RedisError(.timedOut)), at: now) }
        guard let oldest = pending.oldestSendTime else { return }
        if now - max(oldest, lastByteAt) > silenceLimit {
            return close(because: RedisError(.connectionLost, message: "the server does not answer"))
        }
        setTimer(at: pending.nextDeadline ?? now + Self.silenceCheckInterval)
    }

    /// Whether the loop itself has kept commands from being sent, or their replies from being read, in time: then they
    /// have theirs again, but not for ever.
    private func mayBeOwnLateness(_ now: NIODeadline, due: NIODeadline) -> Bool {
        guard now - due > Self.lateness, let deadline = pending.nextDeadline else { return false }
        return now - deadline < Self.maximumLateTurns * commandTimeout
    }

    private func end(_ command: PendingCommand, _ result: Result<RedisReply, RedisError>, at now: NIODeadline) {
        commandEnded?(command, result, now)
        command.waiter.resume(result)
    }

    // MARK: - The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastByteAt = .now()
        output = context.channel.allocator.buffer(capacity: 4096)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let now = NIODeadline.now()
        lastByteAt = now
        // Those who are resumed now send what is next in this turn: it leaves together.
        if pending.count > 1 { flushAtEndOfTurn() }
        do throws(RedisError) {
            try buffer.withUnsafeReadableBytes { bytes throws(RedisError) in
                try decoder.decode(bytes) { take($0, at: now) }
            }
        } catch {
            close(because: error)
        }
    }

    private func take(_ reply: RedisReply, at now: NIODeadline) {
        // What comes behind the one that has ended the connection is for nobody.
        if failure != nil { return }
        if let pushed { return pushed(reply) }
        let isLate = pending.isFrontExpired
        guard let command = pending.replyArrived() else {
            let error = RedisError(.unexpectedReply, message: "a reply to nothing that was asked")
            // A server that has no room says so before it is asked anything.
            if case .error(let refusal) = reply { return close(because: refusal) }
            return close(because: error)
        }
        if isLate { return }
        if case .error(let error) = reply { return end(command, .failure(error), at: now) }
        end(command, .success(reply), at: now)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(because: RedisError(.connectionLost, message: "\(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        let error = failure ?? RedisError(.connectionLost)
        failure = error
        failPending(because: error)
        timer?.task.cancel()
        timer = nil
        closed?(error)
        commandEnded = nil
        closed = nil
        pushed = nil
        context.fireChannelInactive()
    }
}
