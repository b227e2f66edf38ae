// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension EdgeHandler: NIOScheduledCallbackHandler {
    /// Looks at the connection's deadlines again at `instant`, or sooner.
    ///
    /// A deadline changes several times with each request, and a timer is dear: so one timer goes round, at least once
    /// in the shortest of the timeouts, which is early enough for every deadline that is set meanwhile.
    func scheduleTimer(at instant: NIODeadline) {
        timer?.cancel()
        timer = try? loop.eventLoop.assumeIsolated().scheduleCallback(
            at: min(instant, .now() + timeouts.shortest), handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        timer = nil
        guard let context else { return }
        let now = NIODeadline.now()
        let pendingByteCount = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if watch.isStalled(pendingByteCount: pendingByteCount, limit: timeouts.write, now: now) {
            context.close(promise: nil)
            return
        }
        if gate.state.deadline.instant <= now { deadlinePassed(gate.state.deadline.kind) }
        guard self.context != nil else { return }
        // One that has passed and asks for nothing is not looked at again at once.
        let deadline = gate.state.deadline.instant
        scheduleTimer(at: deadline > now ? deadline : .distantFuture)
    }

    private func deadlinePassed(_ kind: ConnectionState.Deadline) {
        switch (kind, gate.state.answer) {
        case (.idle, .none), (.body, .none): context?.close(promise: nil)
        // What is not out yet is the write deadline's affair, and so is a client that has yet to take it.
        case (.linger, _): if closing != .lingering { context?.close(promise: nil) }
        case (.request, .streaming): if writableWaiter == nil { abort(as: Refusal.requestTimeout.rawValue) }
        case (.header, _): refuse(.headerTimeout)
        case (.body, .deciding), (.body, .admitted): refuse(.bodyTimeout)
        case (.request, .deciding), (.request, .admitted), (.request, .working): requestTimedOut()
        case (.idle, _), (.body, _), (.request, _): break
        }
    }

    /// Answers in the responder's stead. What it is doing is cancelled, and comes too late.
    func requestTimedOut() {
        let refusal = gate.state.isTooLate(.now()) ? Refusal.clientDeadline : .requestTimeout
        exchange?.errorType = refusal.rawValue
        work?.cancel()
        number += 1
        answer(Refusals.reply(for: refusal, to: exchange?.request))
        flush()
    }
}
