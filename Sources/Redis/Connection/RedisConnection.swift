// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Resilience
import Synchronization

/// A client's connection on one event loop: opened, and opened again when it is lost, for as long as the client lives.
///
/// Invariant of `@unchecked Sendable`: all that changes, but for ``shared``, is used on the event loop alone.
final class RedisConnection: @unchecked Sendable {
    let eventLoop: any EventLoop
    private let index: Int
    private let configuration: RedisConfiguration
    private let opener: ConnectionOpener
    private let gate: ConnectionGate
    private let metrics: ClientMetrics
    private let report: @Sendable (RedisError?) -> Void

    private var handler: RedisChannelHandler?
    private var breaker: CircuitBreaker
    private var session: RedisSession?
    private var openedAt = NIODeadline.distantPast
    private var sessionCount: UInt64 = 0
    private var isOpening = false
    private var isClosed = false
    private var closeWaiters: [EventLoopPromise<Void>] = []

    /// What those on other threads may look at.
    private let shared = Mutex<(session: RedisSession?, isCircuitClosed: Bool)>((nil, true))

    /// How soon what is told to wait asks again.
    private static let pollInterval = TimeAmount.milliseconds(50)
    /// A connection that was lost sooner than this is not opened again at once.
    private static let shortLife = TimeAmount.seconds(1)

    /// - Parameter report: Told when the connection is there (nil), and why it is not.
    init(
        index: Int, eventLoop: any EventLoop, configuration: RedisConfiguration, opener: ConnectionOpener,
        gate: ConnectionGate, metrics: ClientMetrics, report: @escaping @Sendable (RedisError?) -> Void
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.opener = opener
        self.gate = gate
        self.metrics = metrics
        self.report = report
        breaker = CircuitBreaker(configuration.breaker)
    }

    /// The session that commands would be sent in; nil when there is none. From any thread.
    var currentSession: RedisSession? { shared.withLock { $0.session } }

    /// Whether commands pass as ever. From any thread.
    var isCircuitClosed: Bool { shared.withLock { $0.isCircuitClosed } }

    // MARK: - Commands

    /// Sends a command, on the event loop at once, else as soon as the loop comes to it. The waiter is told in any
    /// case.
    func send(
        _ command: RedisCommand, _ waiter: PendingCommand.Waiter, in session: RedisSession?, timeout: Duration
    ) {
        if eventLoop.inEventLoop { return submit(command, waiter, in: session, timeout: timeout) }
        let waiter = UncheckedWaiter(waiter: waiter)
        eventLoop.execute { self.submit(command, waiter.waiter, in: session, timeout: timeout) }
    }

    /// Invariant: handed from one thread to another once.
    private struct UncheckedWaiter: @unchecked Sendable {
        let waiter: PendingCommand.Waiter
    }

    private func submit(
        _ command: RedisCommand, _ waiter: PendingCommand.Waiter, in session: RedisSession?, timeout: Duration
    ) {
        if let session, session != self.session { return waiter.resume(.failure(RedisError(.sessionEnded))) }
        guard let handler, !isClosed else {
            return waiter.resume(.failure(RedisError(isClosed ? .closed : .notConnected)))
        }
        let now = NIODeadline.now()
        switch breaker.admit(at: now.sinceStart) {
        case .refuse: waiter.resume(.failure(RedisError(.circuitOpen)))
        case .pass: handler.send(command, waiter, now: now, timeout: timeout)
        case .probe: handler.send(command, waiter, now: now, timeout: timeout, isProbe: true)
        }
    }

    private func commandEnded(
        _ command: PendingCommand, _ result: Result<RedisReply, RedisError>, at now: NIODeadline
    ) {
        var error: RedisError?
        if case .failure(let failure) = result { error = failure }
        metrics.finished(
            command.operation, afterNanoseconds: (now - command.sentAt).nanoseconds, error: error)
        let wasClosed = breaker.isClosed
        // What was sent before the circuit opened says nothing of the server as it is now.
        if wasClosed || command.isProbe {
            if error?.isAboutTheServer == true {
                breaker.failed(at: now.sinceStart)
            } else {
                breaker.succeeded(at: now.sinceStart)
            }
        }
        if wasClosed != breaker.isClosed {
            shared.withLock { $0.isCircuitClosed = breaker.isClosed }
            if wasClosed { probe() }
        }
        if let error, error.serverCode == "READONLY" || error.serverCode == "NOAUTH" {
            // The server is not, or no longer, the one that is wanted: its name may lead to another by now.
            handler?.close(because: error)
        }
    }

    /// Asks the server now and then whether it answers again: not only when someone has a command for it.
    private func probe() {
        eventLoop.scheduleTask(in: Self.pollInterval) {
            guard !self.breaker.isClosed, self.handler != nil else { return }
            self.submit(RedisCommand(.ping), .nobody, in: nil, timeout: self.configuration.commandTimeout)
            self.probe()
        }
    }

    // MARK: - Life

    /// Begins to keep the connection open.
    func start() { eventLoop.execute { self.openWhenAllowed() } }

    private func openWhenAllowed() {
        guard !isClosed, handler == nil, !isOpening else { return }
        let start = NIODeadline.now()
        guard gate.admit(at: start) else {
            eventLoop.scheduleTask(in: Self.pollInterval) { self.openWhenAllowed() }
            return
        }
        isOpening = true
        opener.open(on: eventLoop) { self.opened($0, since: start) }
    }

    private func opened(_ result: Result<ConnectionOpener.Opened, RedisError>, since start: NIODeadline) {
        isOpening = false
        let now = NIODeadline.now()
        switch result {
        case .failure(let error):
            gate.failed(at: now)
            report(error)
            if isClosed { return ended() }
            eventLoop.scheduleTask(in: Self.pollInterval) { self.openWhenAllowed() }
        case .success(let opened):
            gate.succeeded()
            guard !isClosed else {
                opened.handler.close(because: RedisError(.closed))
                return ended()
            }
            sessionCount += 1
            let session = RedisSession(
                runID: opened.identity.runID, number: sessionCount, connectionIndex: index)
            breaker.close()
            openedAt = now
            handler = opened.handler
            self.session = session
            shared.withLock { $0 = (session, true) }
            opened.handler.commandEnded = { self.commandEnded($0, $1, at: $2) }
            opened.handler.closed = { self.lost($0) }
            metrics.opened(afterNanoseconds: (now - start).nanoseconds)
            metrics.readinessChanged(true)
            report(nil)
        }
    }

    private func lost(_ error: RedisError) {
        handler = nil
        session = nil
        shared.withLock { $0 = (nil, breaker.isClosed) }
        metrics.readinessChanged(false)
        if isClosed { return ended() }
        metrics.lost()
        report(error)
        let now = NIODeadline.now()
        let isShort = now - openedAt < Self.shortLife
        // A server that ends connections as soon as they are there is as good as away.
        if isShort { gate.failed(at: now) }
        let delay = isShort ? configuration.reconnectInterval : .milliseconds(20)
        eventLoop.scheduleTask(in: TimeAmount(delay * Double.random(in: 0.5...1))) { self.openWhenAllowed() }
    }

    // MARK: - End

    /// Ends the connection once the replies that are due have come, at most after `timeout`.
    func close(within timeout: Duration) async {
        let ended = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            self.isClosed = true
            self.closeWaiters.append(ended)
            guard self.handler != nil else {
                if !self.isOpening { self.ended() }
                return
            }
            self.closeWhenQuiet(until: .now() + TimeAmount(timeout))
        }
        try? await ended.futureResult.get()
    }

    /// Ends the connection at once, and waits for nothing.
    func abandon() {
        eventLoop.execute {
            self.isClosed = true
            self.handler?.close(because: RedisError(.closed))
        }
    }

    private func closeWhenQuiet(until deadline: NIODeadline) {
        guard let handler else { return }
        if handler.pendingCount == 0 || NIODeadline.now() >= deadline {
            return handler.close(because: RedisError(.closed))
        }
        eventLoop.scheduleTask(in: .milliseconds(5)) { self.closeWhenQuiet(until: deadline) }
    }

    private func ended() {
        for waiter in closeWaiters { waiter.succeed() }
        closeWaiters.removeAll()
    }
}

extension NIODeadline {
    /// As a breaker counts time.
    var sinceStart: Duration { .nanoseconds(Int64(truncatingIfNeeded: uptimeNanoseconds)) }
}
