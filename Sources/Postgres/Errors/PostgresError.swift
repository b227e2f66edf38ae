// SPDX-License-Identifier: Apache-2.0

/// Why a statement has no result.
///
/// `description` holds codes alone and is safe to log; `debugDescription` holds the server's words, which may quote
/// values.
public struct PostgresError: Error, Sendable {
    /// What happened, as far as a caller can act on it. More may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The settings cannot be used.
        public static let invalidConfiguration = Code(description: "invalid configuration")
        /// No connection could be opened.
        public static let connectionFailed = Code(description: "connection failed")
        /// The connection ended before the statement was sent, or while it read: nothing has changed.
        public static let connectionLost = Code(description: "connection lost")
        /// The connection ended after a change was sent and before it was confirmed: it may have happened or not.
        public static let outcomeUnknown = Code(description: "outcome unknown")
        /// No connection became free within ``PostgresConfiguration/waitLimit``, or too many wait for one.
        public static let poolExhausted = Code(description: "pool exhausted")
        /// The server did not answer in time; what was sent may have happened or not unless it only read.
        public static let timedOut = Code(description: "timed out")
        /// The task was cancelled; what was sent before may have happened or not.
        public static let cancelled = Code(description: "cancelled")
        /// The pool is closed.
        public static let closed = Code(description: "pool closed")
        /// The server refused; ``PostgresError/sqlState`` says why.
        public static let server = Code(description: "server error")
        /// A value is not of the type that was asked for, or out of its range.
        public static let decoding = Code(description: "unexpected value")
        /// The statement is one that this client does not do, or has more values than the protocol takes.
        public static let unsupported = Code(description: "unsupported statement")
        /// The schema is not one this program knows how to work with.
        public static let schema = Code(description: "unexpected schema")
    }

    public let code: Code
    /// What the server called it, when it was the server.
    public let sqlState: SQLState?
    /// The server's words or libpq's. May quote values: for logs that are kept with care, never for clients.
    public let message: String
    /// The constraint that was broken, if any: how an adapter tells which rule of its domain it was.
    public let constraint: String?
    /// Whether the client itself sends it again: it has not happened, and may succeed at once. Errors of which this is
    /// false may still be sent again later: ``Code/poolExhausted`` and ``Code/connectionFailed`` always.
    public let isRetriable: Bool

    init(
        _ code: Code, sqlState: SQLState? = nil, message: String = "", constraint: String? = nil,
        isRetriable: Bool = false
    ) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
        self.isRetriable = isRetriable
    }

    /// What a ``PostgresDecodable`` throws when a value is none of its own.
    public static func unexpected(_ message: String) -> PostgresError { PostgresError(.decoding, message: message) }

    /// One of a bounded number of words, for `error.type` of metrics and spans.
    public var metricLabel: String {
        if let sqlState { return sqlState.errorClass }
        return code.description.replacing(" ", with: "_")
    }

    /// The same error of a statement that may, or may not, be sent again.
    func retriable(_ isRetriable: Bool) -> PostgresError {
        PostgresError(
            code, sqlState: sqlState, message: message, constraint: constraint, isRetriable: isRetriable)
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        sqlState.map { "\(code.description) (SQLSTATE \($0))" } ?? code.description
    }

    public var debugDescription: String { message.isEmpty ? description : "\(description): \(message)" }
}
