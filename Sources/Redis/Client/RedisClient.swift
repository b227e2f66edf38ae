// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
import NIOPosix
import Synchronization
import Tracing

/// Commands to one Redis server, over one connection on each event loop. Thread-safe.
///
/// ```swift
/// let redis = try RedisClient(RedisConfiguration(url: "redis://localhost:6379"), eventLoopGroup: group)
/// _ = await redis.waitUntilConnected(within: .seconds(5))
/// try await redis.set("greeting", to: Array("hello".utf8), expiringAfter: .seconds(60))
/// if let greeting = try await redis.get("greeting") { print(String(decoding: greeting, as: UTF8.self)) }
/// let length = try await redis.send(RedisCommand("STRLEN", ["greeting"]))
/// await redis.close()
/// ```
///
/// Commands of many callers share a connection, and what is sent in one turn of an event loop leaves in one piece. A
/// caller on one of the group's event loops, such as a task with a task executor there, has its reply on the same
/// thread; others are handed over to a loop and back.
///
/// Nothing is retried, and nothing waits for a connection: a command fails at once when there is none, or when too many
/// have failed of late, and after ``RedisConfiguration/commandTimeout`` in any case. Cancelling a task does not end its
/// wait, which is as short. Connections are opened in the background, again whenever they are lost; while the server is
/// away, one is tried about every ``RedisConfiguration/reconnectInterval``.
///
/// Durations and connections are counted through swift-metrics, `db_client_…` and `redis_up`; every command is a span
/// of swift-distributed-tracing, without its keys and values. Servers from 2.8 and what is compatible; commands that
/// block the connection (`BLPOP`), transactions (`MULTI`) and `MONITOR` are not for connections that are shared.
public final class RedisClient: Sendable {
    /// The settings the client was made with.
    public let configuration: RedisConfiguration
    private let connections: [RedisConnection]
    private let opener: ConnectionOpener
    private let gate: ConnectionGate
    private let logger: Logger
    /// As it was when the client was made: asking for it takes a lock.
    private let tracer: any Tracer
    private let nextIndex = Atomic(0)
    private let closed = Atomic(false)
    private let subscriptions = Mutex<[RedisSubscription]>([])

    /// Starts to connect. ``close()`` ends it. Metrics and traces go where the systems of both lead to by now.
    ///
    /// - Parameter logger: Told when connections come and go, at `debug`, and at `warning` when the server is away.
    ///
    /// Throws ``RedisError/Code/invalidConfiguration`` when TLS cannot be set up.
    public init(
        _ configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup,
        logger: Logger = Logger(label: "redis", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RedisError) {
        self.configuration = configuration
        self.logger = logger
        tracer = InstrumentationSystem.tracer
        opener = try ConnectionOpener(configuration)
        gate = ConnectionGate(interval: configuration.reconnectInterval)
        let metrics = ClientMetrics()
        let log = ConnectionLog(configuration, logger: logger)
        let (opener, gate) = (opener, gate)
        connections = eventLoopGroup.makeIterator().enumerated().map { index, eventLoop in
            RedisConnection(
                index: index, eventLoop: eventLoop, configuration: configuration, opener: opener, gate: gate,
                metrics: metrics, report: { log.note($0) })
        }
        for connection in connections { connection.start() }
    }

    deinit {
        let connections = connections
        if !closed.load(ordering: .relaxed) {
            // Only reached without close(): the connections must not outlive whoever could use them.
            for connection in connections { connection.abandon() }
            for subscription in subscriptions.withLock({ $0 }) { subscription.close() }
        }
    }

    // MARK: - Commands

    /// Sends a command and waits for its reply.
    ///
    /// - Parameters:
    ///   - session: Where it is to be sent, when it is for one run of the server alone.
    ///   - timeout: How long to wait; ``RedisConfiguration/commandTimeout`` when nil.
    ///
    /// Throws a ``RedisError``, also for a reply that is an error.
    public func send(
        _ command: RedisCommand, in session: RedisSession? = nil, timeout: Duration? = nil
    ) async throws(RedisError) -> RedisReply {
        let connection = connection(for: session)
        let span = CommandSpan(command.operation, by: tracer)
        let timeout = timeout ?? configuration.commandTimeout
        let result = await withUnsafeContinuation { continuation in
            connection.send(command, .task(continuation), in: session, timeout: timeout)
        }
        switch result {
        case .success: span.end(nil)
        case .failure(let error): span.end(error)
        }
        return try result.get()
    }

    /// Sends a command and calls back with its reply, on the event loop of the connection: that of the caller, when it
    /// is one of the client's.
    public func send(
        _ command: RedisCommand, in session: RedisSession? = nil,
        _ completion: @escaping @Sendable (Result<RedisReply, RedisError>) -> Void
    ) {
        connection(for: session).send(
            command, .callback(completion), in: session, timeout: configuration.commandTimeout)
    }

    /// Sends a command whose reply nobody waits for.
    public func post(_ command: RedisCommand, in session: RedisSession? = nil) {
        connection(for: session).send(command, .nobody, in: session, timeout: configuration.commandTimeout)
    }

    // MARK: - Connections

    /// The session in which the caller's next command would be sent; nil while there is no connection.
    public var session: RedisSession? { connection(for: nil).currentSession }

    /// Whether any connection is there and answers.
    public var isAvailable: Bool { connections.contains { $0.currentSession != nil && $0.isCircuitClosed } }

    /// Whether no connection has stopped sending because its commands fail.
    public var isCircuitClosed: Bool { connections.allSatisfy(\.isCircuitClosed) }

    /// Waits until every connection is there, at most so long. Returns whether they are.
    public func waitUntilConnected(within timeout: Duration) async -> Bool {
        let deadline = ContinuousClock.now + timeout
        while !connections.allSatisfy({ $0.currentSession != nil }) {
            guard ContinuousClock.now < deadline, (try? await Task.sleep(for: .milliseconds(5))) != nil else {
                return false
            }
        }
        return true
    }

    /// The connection of a session, or that of the caller's event loop, or the next one.
    private func connection(for session: RedisSession?) -> RedisConnection {
        if let session, connections.indices.contains(session.connectionIndex) {
            return connections[session.connectionIndex]
        }
        if let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop,
            let own = connections.first(where: { $0.eventLoop === eventLoop })
        {
            return own
        }
        let number = nextIndex.wrappingAdd(1, ordering: .relaxed).newValue
        return connections[Int(UInt(bitPattern: number) % UInt(connections.count))]
    }

    /// Subscribes to a channel, on a connection of its own, until the subscription or the client is closed.
    public func subscribe(
        to channel: RedisArgument, pinging interval: Duration = .milliseconds(100),
        _ body: @escaping @Sendable (RedisSubscription.Event) -> Void
    ) -> RedisSubscription {
        let subscription = RedisSubscription(
            channel: channel, pingInterval: interval, eventLoop: connections[0].eventLoop,
            configuration: configuration, opener: opener, gate: gate,
            report: { [logger] error in
                logger.warning(
                    "Redis refuses a subscription: look at which channels its user may use; it is tried again",
                    metadata: ["error.type": "\(error)", "error.message": "\(error.message)"])
            }, body)
        subscriptions.withLock { $0.append(subscription) }
        subscription.start()
        return subscription
    }

    /// Ends the subscriptions, and the connections once the replies that are due have come. What is asked afterwards is
    /// refused.
    public func close() async {
        closed.store(true, ordering: .relaxed)
        for subscription in subscriptions.withLock({ $0 }) { subscription.close() }
        await withTaskGroup { group in
            for connection in connections {
                group.addTask { await connection.close(within: self.configuration.commandTimeout * 2) }
            }
        }
    }
}
