// SPDX-License-Identifier: Apache-2.0

/// An open connection, and what is on its way on it.
///
/// `@unchecked Sendable`: used by one thread at a time, the one that opens it and then, for good, its pool's reactor.
final class PostgresConnection: @unchecked Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What became of a statement.
    enum Event {
        case finished(Ticket, PostgresOperation.Outcome)
        /// To be sent again.
        case again(Ticket)
        /// The connection is of no more use, for this reason.
        case broken(PostgresError)
    }

    let id: Int
    /// How long opening it took.
    let openingTime: Duration
    private let handle: ConnectionHandle
    private var pipeline = Pipeline()
    /// Statements have been sent that no sync point follows yet.
    private var lacksSync = false
    /// A script is being worked on, outside pipeline mode.
    private var script: (ticket: Ticket, error: PostgresError?)?
    /// Since when the server has been at the first statement, as far as can be told from here.
    private var since = Instant.now
    /// Whether the socket has not taken everything yet.
    private(set) var hasOutput = false

    /// Opens a connection. Blocks; see ``ConnectionHandle``.
    init(id: Int, parameters: [ConnectionParameter]) throws(PostgresError) {
        self.id = id
        let start = Instant.now
        handle = try ConnectionHandle.open(parameters)
        openingTime = .now - start
    }

    var socket: Int32 { handle.socket }
    /// Whether everything sent has been answered.
    var isQuiet: Bool { pipeline.isEmpty && script == nil }
    /// Whether answers may have arrived that the socket does not tell of: OpenSSL takes whole records out of it.
    var mayHideInput: Bool { handle.usesTLS && !isQuiet }
    /// Whether the session is in no transaction and waits for nothing.
    var isIdle: Bool { isQuiet && handle.isIdle }
    /// When the connection is to be given up, unless its first statement is answered: a statement's time after the
    /// server could begin with it, whatever was on its way before; at the latest twice that after it was sent.
    func deadline(_ configuration: PostgresConfiguration) -> Instant? {
        guard let head = script?.ticket ?? pipeline.head else { return nil }
        let timeout = head.operation.timeout
        return min(
            since + configuration.deadline(after: timeout), head.sentAt + configuration.deadline(after: timeout * 2))
    }

    // MARK: - Sending

    /// Puts a statement on its way; ``endBatch()`` must follow. Returns false when the connection is broken.
    func send(_ ticket: Ticket) -> Bool {
        let query = ticket.operation.query
        if isQuiet { since = .now }
        if case .script = ticket.operation.purpose {
            script = (ticket, nil)
            return handle.exitPipelineMode() && handle.execute(script: query.sql)
        }
        let isShared = ticket.operation.purpose.sharesSyncPoint && !ticket.isRepeated
        // What shares no sync point must not be in one transaction with the reads before it either.
        if !isShared, lacksSync, !endBatch() {
            // Listed all the same, so that it is told of the connection's end.
            pipeline.sentStatement(ticket)
            return false
        }
        let isSent: Bool
        if ticket.isRepeated {
            // Rests on nothing that was prepared, or is about to be.
            isSent = handle.execute(sql: query.sql, with: query.bindings)
        } else {
            switch pipeline.statements.name(for: query) {
            case .prepared(let name): isSent = handle.execute(prepared: name, with: query.bindings)
            case .new(let name): isSent = prepareAndExecute(ticket, as: name)
            case .newAfterReset(let name): isSent = forgetStatements() && prepareAndExecute(ticket, as: name)
            }
        }
        pipeline.sentStatement(ticket)
        lacksSync = true
        return isSent && (isShared || endBatch())
    }

    private func prepareAndExecute(_ ticket: Ticket, as name: String) -> Bool {
        let query = ticket.operation.query
        pipeline.sentPreparation(of: ticket)
        return handle.prepare(name, sql: query.sql, types: query.bindings.entries.map(\.type))
            && handle.execute(prepared: name, with: query.bindings)
    }

    /// Has the server forget the statements it has prepared. Should that not come about, they stay until the connection
    /// ends, and are in nobody's way.
    private func forgetStatements() -> Bool {
        let operation = PostgresOperation("deallocate all", for: .read, timeout: .seconds(1), createdAt: since)
        var ticket = Ticket(operation: operation, waitingSince: since)
        ticket.isHousekeeping = true
        pipeline.sentStatement(ticket)
        lacksSync = true
        return handle.execute(sql: operation.query.sql, with: operation.query.bindings) && endBatch()
    }

    /// Sets the sync point of the reads sent since the last one, and hands the system what has been gathered. Returns
    /// false when the connection is broken.
    func endBatch() -> Bool {
        if lacksSync {
            lacksSync = false
            pipeline.sentSync()
            guard handle.sync() else { return false }
        }
        return flush()
    }

    /// Hands the system what it did not take before. Returns false when the connection is broken.
    func flush() -> Bool {
        guard let hasOutput = handle.flush() else { return false }
        self.hasOutput = hasOutput
        return true
    }

    // MARK: - Receiving

    /// Takes what has arrived, and reports what it means.
    func receive(_ report: (Event) -> Void) {
        let isOpen = handle.consumeInput()
        let error = script == nil ? receiveResults(report) : receiveScript(report)
        if let error {
            report(.broken(error))
        } else if !isOpen || handle.isBroken {
            report(.broken(PostgresError(.connectionLost, message: handle.errorMessage)))
        } else if hasOutput, !flush() {
            report(.broken(PostgresError(.connectionLost, message: handle.errorMessage)))
        }
    }

    /// Returns why the connection is of no more use, if it is.
    private func receiveResults(_ report: (Event) -> Void) -> PostgresError? {
        var reason: PostgresError?
        while !pipeline.isEmpty, !handle.isBusy {
            guard let result = handle.nextResult() else {
                if pipeline.endCommand() { continue }
                break
            }
            if result.status == .copy { return Self.copyRefusal }
            switch pipeline.receive(result) {
            case .none: break
            case .finished(let ticket, let outcome):
                since = .now
                if !ticket.isHousekeeping, let fatal = finish(ticket, outcome, report) { reason = fatal }
            case .skipped(var ticket):
                ticket.isRepeated = true
                if !ticket.isHousekeeping { report(.again(ticket)) }
            case .unexpected:
                return PostgresError(.connectionLost, message: "a result that nothing was sent for")
            }
        }
        return reason
    }

    private func finish(
        _ ticket: Ticket, _ outcome: PostgresOperation.Outcome, _ report: (Event) -> Void
    ) -> PostgresError? {
        guard case .failure(let error) = outcome, let state = error.sqlState else {
            if case .failure(let error) = outcome {
                // libpq's own words: the connection ended under the statement.
                ticket.operation.lose(wasSent: true, because: error)
                report(.finished(ticket, outcome))
                return error
            }
            report(.finished(ticket, outcome))
            return nil
        }
        if state.invalidatesPreparedStatement {
            pipeline.statements.forget(ticket.operation.query.sql)
            if !ticket.isRepeated, ticket.operation.purpose.lease == nil {
                var ticket = ticket
                ticket.isRepeated = true
                report(.again(ticket))
                return nil
            }
        }
        if state.retiresConnection, state != .readOnlyTransaction {
            ticket.operation.lose(wasSent: true, because: error)
        }
        // A conflict, or a server that takes no writes: nothing has happened.
        let isRetriable = ticket.operation.purpose.lease == nil && (state.isConflict || state == .readOnlyTransaction)
        report(.finished(ticket, .failure(error.retriable(isRetriable))))
        return state.retiresConnection ? error : nil
    }

    private func receiveScript(_ report: (Event) -> Void) -> PostgresError? {
        while var current = script, !handle.isBusy {
            if let result = handle.nextResult() {
                if result.status == .copy { return Self.copyRefusal }
                if result.status == .failed { current.error = current.error ?? result.error }
                script = current
                continue
            }
            script = nil
            let outcome = current.error.map { PostgresOperation.Outcome.failure($0) } ?? .success(.none)
            report(.finished(current.ticket, outcome))
            if !handle.enterPipelineMode() { return PostgresError(.connectionLost, message: handle.errorMessage) }
        }
        return nil
    }

    /// A connection that has begun to copy expects nothing else.
    private static var copyRefusal: PostgresError {
        PostgresError(.unsupported, message: "COPY is not supported: use insert, or psql")
    }

    // MARK: - Ending

    /// Gives the connection up, and tells those whose statements were on their way.
    ///
    /// - Parameter head: What the first of them is told, if it is to blame.
    func abandon(because reason: PostgresError, head: PostgresError? = nil) {
        handle.abandon()
        var tickets = pipeline.removeAll()
        if let ticket = script?.ticket { tickets.insert(ticket, at: 0) }
        script = nil
        if let head, !tickets.isEmpty { tickets.removeFirst().operation.finish(.failure(head)) }
        for ticket in tickets { ticket.operation.lose(wasSent: true, because: reason) }
    }
}
