// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// A connection that listens to one channel, opened again whenever it is lost, and asked again and again whether it
/// still hears everything.
///
/// A connection is ordered: an answered `PING` proves that every message that was published before it was sent has been
/// taken. So whoever listens knows how old what it knows can be at most, without any clock but its own.
///
/// Invariant of `@unchecked Sendable`: all that changes is used on the event loop alone.
public final class RedisSubscription: @unchecked Sendable {
    /// What happens on a subscription, told on its event loop and in this order.
    public enum Event: Sendable {
        /// The server has confirmed: messages come from here on. What was published before is missed.
        case began(RedisSession)
        case message([UInt8])
        /// All that was published before this time has been told.
        case proved(upTo: NIODeadline)
        /// The connection is lost: messages are missed until it begins again.
        case ended
    }

    private let channel: RedisArgument
    private let pingInterval: TimeAmount
    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let opener: ConnectionOpener
    private let gate: ConnectionGate
    private let report: @Sendable (RedisError) -> Void
    private let body: @Sendable (Event) -> Void

    private var handler: RedisChannelHandler?
    private var identity: ServerIdentity?
    private var hasBegun = false
    private var connectionCount: UInt64 = 0
    private var isClosed = false
    private var openedAt = NIODeadline.distantPast
    private var lastReplyAt = NIODeadline.distantPast

    private static let pollInterval = TimeAmount.milliseconds(50)
    private static let shortLife = TimeAmount.seconds(1)

    init(
        channel: RedisArgument, pingInterval: Duration, eventLoop: any EventLoop,
        configuration: RedisConfiguration, opener: ConnectionOpener, gate: ConnectionGate,
        report: @escaping @Sendable (RedisError) -> Void, _ body: @escaping @Sendable (Event) -> Void
    ) {
        self.channel = channel
        self.pingInterval = TimeAmount(pingInterval)
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.opener = opener
        self.gate = gate
        self.report = report
        self.body = body
    }

    func start() { eventLoop.execute { self.openWhenAllowed() } }

    /// Ends the subscription.
    public func close() {
        eventLoop.execute {
            self.isClosed = true
            self.handler?.close(because: RedisError(.closed))
        }
    }

    private func openWhenAllowed() {
        guard !isClosed else { return }
        guard gate.admit(at: .now()) else {
            eventLoop.scheduleTask(in: Self.pollInterval) { self.openWhenAllowed() }
            return
        }
        opener.open(on: eventLoop) { self.opened($0) }
    }

    private func opened(_ result: Result<ConnectionOpener.Opened, RedisError>) {
        switch result {
        case .failure:
            gate.failed(at: .now())
            eventLoop.scheduleTask(in: Self.pollInterval) { self.openWhenAllowed() }
        case .success(let opened):
            gate.succeeded()
            if isClosed { return opened.handler.close(because: RedisError(.closed)) }
            connectionCount += 1
            openedAt = .now()
            lastReplyAt = openedAt
            handler = opened.handler
            identity = opened.identity
            opened.handler.closed = { _ in self.lost() }
            opened.handler.pushed = { self.take($0) }
            opened.handler.post(RedisCommand(.subscribe, [channel]))
            keepAsking()
        }
    }

    private func lost() {
        handler = nil
        if hasBegun { body(.ended) }
        hasBegun = false
        if isClosed { return }
        let now = NIODeadline.now()
        let isShort = now - openedAt < Self.shortLife
        if isShort { gate.failed(at: now) }
        let delay = isShort ? configuration.reconnectInterval : .milliseconds(20)
        eventLoop.scheduleTask(in: TimeAmount(delay * Double.random(in: 0.5...1))) { self.openWhenAllowed() }
    }

    // MARK: - What comes

    private func take(_ reply: RedisReply) {
        lastReplyAt = .now()
        switch reply {
        case .array(let values):
            guard case .bytes(let kind)? = values.first else { break }
            switch (String(decoding: kind, as: UTF8.self), values.last) {
            case ("message", .bytes(let message)?) where values.count == 3: return body(.message(message))
            case ("pong", .bytes(let payload)?) where values.count == 2: return pongArrived(payload)
            case ("subscribe", _): return begin()
            default: break
            }
        case .error(let error):
            report(error)
            handler?.close(because: error)
            return
        default: break
        }
        handler?.close(because: RedisError(.unexpectedReply, message: "not what a subscription hears"))
    }

    private func begin() {
        guard !hasBegun, let identity else { return }
        hasBegun = true
        body(.began(RedisSession(runID: identity.runID, number: connectionCount, connectionIndex: -1)))
    }

    private func pongArrived(_ payload: [UInt8]) {
        guard hasBegun, let sentAt = UInt64(String(decoding: payload, as: UTF8.self)) else { return }
        body(.proved(upTo: .uptimeNanoseconds(sentAt)))
    }

    /// Sends a `PING` that holds the time, now and at every interval.
    private func keepAsking() {
        guard let handler else { return }
        let now = NIODeadline.now()
        if now - lastReplyAt > TimeAmount(configuration.silenceLimit) {
            return handler.close(because: RedisError(.connectionLost, message: "the server does not answer"))
        }
        handler.post(RedisCommand(.ping, [RedisArgument(now.uptimeNanoseconds)]))
        eventLoop.scheduleTask(in: pingInterval) { [number = connectionCount] in
            // A later connection asks for itself.
            if number == self.connectionCount { self.keepAsking() }
        }
    }
}
