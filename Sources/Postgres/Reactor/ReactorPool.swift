// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// A pool in the hands of its reactor: carries out what ``PoolState`` decides. Used by the reactor's thread alone.
final class ReactorPool {
    typealias Instant = ContinuousClock.Instant

    private let configuration: PostgresConfiguration
    private let metrics: PoolMetrics
    private let connect: (Int) -> Void
    private var state: PoolState
    private(set) var connections: [PostgresConnection] = []
    private var waiting = Deque<Ticket>()
    /// Statements of transactions, which have their connection already and wait behind nobody.
    private var leased: [Ticket] = []
    private var lastID = 0
    /// Why a connection could last not be opened.
    private var lastFailure: PostgresError?
    private var closing: (deadline: Instant, completions: [@Sendable () -> Void])?

    /// - Parameter connect: Opens a connection of that number elsewhere.
    init(_ configuration: PostgresConfiguration, metrics: PoolMetrics, connect: @escaping (Int) -> Void) {
        self.configuration = configuration
        self.metrics = metrics
        self.connect = connect
        state = PoolState(configuration, now: .now)
    }

    /// Whether nothing is left to be done.
    var isClosed: Bool { closing != nil && connections.isEmpty && waiting.isEmpty }

    // MARK: - What others ask for

    func take(_ message: Inbox.Message, at now: Instant) {
        switch message {
        case .statement(let operation):
            let ticket = Ticket(operation: operation, waitingSince: operation.createdAt)
            if operation.purpose.hasConnection { leased.append(ticket) } else { waiting.append(ticket) }
        case .release(let lease):
            // Released in order, the lease is no more: this is a transaction that was not ended.
            if let id = state.member(holding: lease) {
                abandon(id, because: PostgresError(.connectionLost, message: "the transaction was given up"))
            }
        case .opened(let connection):
            state.opened(connection.id, at: now, jitter: .random(in: 0...1))
            if closing != nil { return state.closed(connection.id) }
            lastFailure = nil
            metrics.opened(after: connection.openingTime)
            connections.append(connection)
        case .openingFailed(let error):
            state.openingFailed(at: now, jitter: .random(in: 0...1))
            lastFailure = error
        case .close(let completion):
            closing = (
                closing?.deadline ?? now + configuration.closeTimeout, (closing?.completions ?? []) + [completion]
            )
            state.close()
        }
    }

    /// Tells those who came too late.
    func refuse(_ messages: [Inbox.Message]) {
        for case .statement(let operation) in messages { operation.finish(.failure(PostgresError(.closed))) }
        for case .close(let completion) in messages { completion() }
        closing?.completions.forEach { $0() }
    }

    // MARK: - Work

    /// Does what is due, and returns when something will be next.
    func work(at now: Instant) -> Instant {
        giveUpStalled(at: now)
        sendWaiting(at: now)
        expireWaiting(at: now)
        for id in state.closings(at: now) { close(id) }
        if let closing, now >= closing.deadline {
            for connection in connections {
                abandon(connection.id, because: PostgresError(.closed, message: "the pool was closed"))
            }
        }
        for _ in 0..<state.openings(waiting: waiting.count, at: now) {
            lastID += 1
            connect(lastID)
        }
        metrics.observe(state, waiting: waiting.count)
        return nextDue(after: now)
    }

    private func sendWaiting(at now: Instant) {
        var touched: [PostgresConnection] = []
        for ticket in leased {
            guard let id = state.place(ticket.operation.purpose, at: now), let connection = connection(id) else {
                ticket.operation.lose(wasSent: false, because: PostgresError(.connectionLost))
                continue
            }
            send(ticket, on: connection, at: now)
            touched.append(connection)
        }
        leased.removeAll(keepingCapacity: true)
        var batch: (connection: Int, count: Int)?
        // A write that waits for a connection to open holds up no reads, and a read no writes; one that waits longer,
        // and whoever begins a transaction, goes before all behind it, or would wait for ever.
        var blocked: Set<Purpose> = []
        var index = 0
        while index < waiting.count, blocked.count < 2 {
            let ticket = waiting[index]
            let purpose = ticket.operation.purpose
            if ticket.operation.isFinished || closing != nil {
                waiting.remove(at: index).operation.finish(.failure(PostgresError(.closed)))
                continue
            }
            if blocked.contains(purpose) {
                index += 1
                continue
            }
            let waited = now - ticket.waitingSince
            guard let id = state.place(purpose, after: batch, waited: waited, at: now), let connection = connection(id)
            else {
                if case .begin = purpose { break }
                if purpose == .write, waited >= PoolState.openingPatience { break }
                blocked.insert(purpose)
                index += 1
                continue
            }
            waiting.remove(at: index)
            send(ticket, on: connection, at: now)
            // Reads gather behind reads, not behind a write that waits for its commit.
            batch = purpose == .read ? (id, batch?.connection == id ? (batch?.count ?? 0) + 1 : 1) : nil
            if touched.last !== connection { touched.append(connection) }
        }
        for connection in touched where self.connection(connection.id) != nil && !connection.endBatch() {
            abandon(connection.id, because: PostgresError(.connectionLost))
        }
    }

    private func send(_ ticket: Ticket, on connection: PostgresConnection, at now: Instant) {
        var ticket = ticket
        ticket.sentAt = now
        metrics.waited(now - ticket.waitingSince)
        state.sent(ticket.operation.purpose, on: connection.id, at: now)
        if !connection.send(ticket) { abandon(connection.id, because: PostgresError(.connectionLost)) }
    }

    private func expireWaiting(at now: Instant) {
        while let ticket = waiting.first, now >= ticket.waitingSince + configuration.waitLimit {
            waiting.removeFirst()
            refuse(ticket)
        }
        while waiting.count > configuration.maximumWaitingCount, let ticket = waiting.popLast() { refuse(ticket) }
    }

    private func refuse(_ ticket: Ticket) {
        if ticket.operation.isFinished { return }
        ticket.operation.finish(.failure(exhausted()))
        metrics.timedOut()
    }

    /// What those are told who have waited in vain: why there is no connection, or that all are taken.
    private func exhausted() -> PostgresError {
        if connections.isEmpty, let lastFailure { return lastFailure.retriable(false) }
        if connections.isEmpty {
            return PostgresError(.connectionFailed, message: "no answer yet from the server that is connected to")
        }
        return PostgresError(.poolExhausted, message: "no connection within \(configuration.waitLimit)")
    }

    private func giveUpStalled(at now: Instant) {
        for connection in connections {
            guard let deadline = connection.deadline(configuration), now >= deadline else { continue }
            let error = PostgresError(.timedOut, message: "the server did not answer in time")
            abandon(
                connection.id, because: PostgresError(.connectionLost, message: "behind a statement that timed out"),
                head: error)
        }
    }

    private func nextDue(after now: Instant) -> Instant {
        var next = now + .seconds(1)
        if let deadline = waiting.first.map({ $0.waitingSince + configuration.waitLimit }) {
            next = min(next, deadline)
            // A connection may come out of its stall, and take what waits.
            next = min(next, now + PoolState.stall)
        }
        for connection in connections {
            if let deadline = connection.deadline(configuration) { next = min(next, deadline) }
        }
        if let opening = state.nextOpening(after: now) { next = min(next, opening) }
        if let closing { next = min(next, closing.deadline) }
        return next
    }

    // MARK: - What sockets bring

    func ready(_ connection: PostgresConnection, forOutput: Bool) {
        if forOutput, !connection.flush() {
            return abandon(connection.id, because: PostgresError(.connectionLost))
        }
        let now = ContinuousClock.now
        var broken: PostgresError?
        connection.receive { event in
            switch event {
            case .finished(let ticket, let outcome):
                state.answered(on: connection.id, at: now)
                ticket.operation.finish(outcome)
                if case .end = ticket.operation.purpose { endLease(of: connection) }
            case .again(let ticket):
                state.answered(on: connection.id, at: now)
                var ticket = ticket
                ticket.waitingSince = now
                waiting.prepend(ticket)
            case .broken(let error):
                broken = error
            }
        }
        if let broken {
            // A statement that is refused here is told so; those behind it have lost their connection.
            let isRefusal = broken.code == .unsupported
            let reason = isRefusal ? PostgresError(.connectionLost, message: broken.message) : broken
            return abandon(connection.id, because: reason, head: isRefusal ? broken : nil)
        }
        // Somebody's statement has begun a transaction without a lease: others must not become part of it.
        if connection.isQuiet, !connection.isIdle, !state.isLeased(connection.id) {
            abandon(connection.id, because: PostgresError(.connectionLost, message: "left in a transaction"))
        }
    }

    /// Takes a connection back, unless its session is not as it was.
    private func endLease(of connection: PostgresConnection) {
        if connection.isIdle { state.endLease(on: connection.id) } else { state.retire(connection.id) }
        if closing != nil { state.retire(connection.id) }
    }

    // MARK: - Ends

    private func close(_ id: Int) {
        connections.removeAll { $0.id == id }
        state.closed(id)
    }

    private func abandon(_ id: Int, because reason: PostgresError, head: PostgresError? = nil) {
        connection(id)?.abandon(because: reason, head: head)
        close(id)
        metrics.lost()
    }

    private func connection(_ id: Int) -> PostgresConnection? { connections.first { $0.id == id } }
}
