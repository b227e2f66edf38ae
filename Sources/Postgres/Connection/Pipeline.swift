// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// What has been sent on a connection and has not been answered, in order, and what each result means for it.
///
/// Reads may share a sync point: the server then answers them with one write. When one fails, it skips those behind it
/// up to the sync point, and they are sent again. A write has a sync point of its own, and counts as done only when
/// that is confirmed: the server commits there, behind the statement's own result.
///
/// Source: PostgreSQL documentation, sections 34.5 and 55.2.3.
struct Pipeline {
    /// What follows from a result.
    enum Step {
        case none
        case finished(Ticket, PostgresOperation.Outcome)
        /// Was not carried out, through no fault of its own.
        case skipped(Ticket)
        /// The server said something that was not asked for.
        case unexpected
    }

    private enum Entry {
        /// Prepares the statement behind it.
        case preparation(Ticket)
        case statement(Ticket)
        case sync
    }

    private var entries = Deque<Entry>()
    private var isHeadAnswered = false
    /// An error has come in the place of a sync point, which is still to come.
    private var hasSyncFailed = false
    /// Done, and not yet committed.
    private var unconfirmed: (ticket: Ticket, outcome: PostgresOperation.Outcome)?
    /// The operation whose preparation failed: its statement will be skipped, and it has been told why.
    private var refused: PostgresOperation?
    /// What the connection has prepared.
    var statements = StatementCache()

    var isEmpty: Bool { entries.isEmpty }

    /// The first statement that has not been answered.
    var head: Ticket? {
        for entry in entries {
            switch entry {
            case .preparation(let ticket), .statement(let ticket): return ticket
            case .sync: if let unconfirmed { return unconfirmed.ticket }
            }
        }
        return nil
    }

    mutating func sentPreparation(of ticket: Ticket) { entries.append(.preparation(ticket)) }
    mutating func sentStatement(_ ticket: Ticket) { entries.append(.statement(ticket)) }
    mutating func sentSync() { entries.append(.sync) }

    /// A result has arrived.
    mutating func receive(_ result: ResultHandle) -> Step {
        guard let entry = entries.first else { return .unexpected }
        switch (entry, result.status) {
        case (.sync, .sync):
            entries.removeFirst()
            defer { unconfirmed = nil }
            return unconfirmed.map { .finished($0.ticket, $0.outcome) } ?? .none
        case (.sync, .failed):
            // The commit itself failed. The sync point is still to come.
            if let ticket = unconfirmed?.ticket { unconfirmed = (ticket, .failure(result.error)) }
            hasSyncFailed = true
            return .none
        case (.sync, _), (_, .sync):
            return .unexpected
        case (.preparation(let ticket), .failed):
            isHeadAnswered = true
            statements.forget(ticket.operation.query.sql)
            refused = ticket.operation
            return settle(ticket, .failure(result.error))
        case (.preparation(let ticket), let status):
            isHeadAnswered = true
            if status == .aborted { statements.forget(ticket.operation.query.sql) }
            return .none
        case (.statement(let ticket), .aborted):
            isHeadAnswered = true
            if refused === ticket.operation {
                refused = nil
                return .none
            }
            return .skipped(ticket)
        case (.statement(let ticket), .failed):
            isHeadAnswered = true
            return settle(ticket, .failure(result.error))
        case (.statement, .copy): return .unexpected
        case (.statement(let ticket), .rows), (.statement(let ticket), .done):
            isHeadAnswered = true
            return settle(ticket, .success(PostgresRows(result)))
        }
    }

    /// The results of one command are over. Returns false when there was none.
    mutating func endCommand() -> Bool {
        guard isHeadAnswered else {
            defer { hasSyncFailed = false }
            return hasSyncFailed
        }
        isHeadAnswered = false
        entries.removeFirst()
        return true
    }

    /// Takes out everything that has not been answered, in order.
    mutating func removeAll() -> [Ticket] {
        var tickets = unconfirmed.map { [$0.ticket] } ?? []
        for case .statement(let ticket) in entries where ticket.operation !== refused { tickets.append(ticket) }
        if isHeadAnswered, !tickets.isEmpty, case .statement(let ticket) = entries.first,
            tickets.first?.operation === ticket.operation
        {
            tickets.removeFirst()
        }
        self = Pipeline()
        return tickets
    }

    /// A read is finished with its result, everything else with its sync point.
    private mutating func settle(_ ticket: Ticket, _ outcome: PostgresOperation.Outcome) -> Step {
        if ticket.operation.purpose.sharesSyncPoint { return .finished(ticket, outcome) }
        unconfirmed = (ticket, outcome)
        return .none
    }
}
