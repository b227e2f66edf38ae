// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A statement on its way, and the task that waits for it. Thread-safe.
final class PostgresOperation: Sendable {
    typealias Outcome = Result<PostgresRows, PostgresError>

    private enum State {
        /// Nobody waits yet.
        case new
        case waiting(UnsafeContinuation<Outcome, Never>)
        case finished(Outcome)
    }

    let query: PostgresQuery
    let purpose: Purpose
    /// How long the server may take.
    let timeout: Duration
    let createdAt: ContinuousClock.Instant
    private let state = Mutex(State.new)

    init(_ query: PostgresQuery, for purpose: Purpose, timeout: Duration, createdAt: ContinuousClock.Instant = .now) {
        self.query = query
        self.purpose = purpose
        self.timeout = timeout
        self.createdAt = createdAt
    }

    /// Whether nobody waits for it any more.
    var isFinished: Bool { state.withLock { if case .finished = $0 { true } else { false } } }

    /// Settles the outcome; only the first time counts.
    func finish(_ outcome: Outcome) {
        let continuation: UnsafeContinuation<Outcome, Never>? = state.withLock { state in
            switch state {
            case .new:
                state = .finished(outcome)
                return nil
            case .waiting(let continuation):
                state = .finished(outcome)
                return continuation
            case .finished:
                return nil
            }
        }
        continuation?.resume(returning: outcome)
    }

    /// Fails because its connection is lost.
    ///
    /// - Parameter wasSent: Whether the server may have seen it.
    func lose(wasSent: Bool, because reason: PostgresError) {
        let isSafe = !wasSent || purpose == .read
        // Within a transaction nothing has happened before its end.
        let code: PostgresError.Code =
            switch purpose {
            case .write, .end: wasSent ? .outcomeUnknown : .connectionLost
            case .read, .begin, .within, .script: .connectionLost
            }
        let isRetriable =
            switch purpose {
            case .read, .write: isSafe
            case .begin: true
            case .within, .end, .script: false
            }
        finish(
            .failure(
                PostgresError(code, sqlState: reason.sqlState, message: reason.message, isRetriable: isRetriable)))
    }

    /// Hands the statement over and waits for its outcome, or for the task's cancellation.
    func outcome(submit: (PostgresOperation) -> Void) async -> Outcome {
        await withTaskCancellationHandler {
            // Unsafe: the state lets each continuation be resumed once, and a checked one costs an allocation.
            await withUnsafeContinuation { continuation in
                let settled: Outcome? = state.withLock { state in
                    if case .finished(let outcome) = state { return outcome }
                    state = .waiting(continuation)
                    return nil
                }
                if let settled { continuation.resume(returning: settled) } else { submit(self) }
            }
        } onCancel: {
            finish(.failure(PostgresError(.cancelled)))
        }
    }
}
