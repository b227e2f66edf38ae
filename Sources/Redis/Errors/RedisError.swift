// SPDX-License-Identifier: Apache-2.0

/// Why a command has no reply that its caller can use.
///
/// `description` holds codes alone and is safe to log; `debugDescription` holds the server's words, which may quote
/// keys and values.
public struct RedisError: Error, Sendable, Hashable {
    /// What happened, as far as a caller can act on it. More may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The settings cannot be used.
        public static let invalidConfiguration = Code(description: "invalid configuration")
        /// There is no connection at the moment: nothing was sent.
        public static let notConnected = Code(description: "not connected")
        /// No connection could be opened.
        public static let connectionFailed = Code(description: "connection failed")
        /// The connection ended before the reply came: the command may have been carried out or not.
        public static let connectionLost = Code(description: "connection lost")
        /// Too many commands have failed of late: nothing was sent.
        public static let circuitOpen = Code(description: "circuit open")
        /// No reply came in time: the command may have been carried out, or may yet be.
        public static let timedOut = Code(description: "timed out")
        /// Too many commands wait for their replies: nothing was sent.
        public static let overloaded = Code(description: "overloaded")
        /// The server refused; ``RedisError/serverCode`` says why.
        public static let server = Code(description: "server error")
        /// The reply is not one that the command has, or breaks the protocol.
        public static let unexpectedReply = Code(description: "unexpected reply")
        /// The session that the command was meant for is over: nothing was sent.
        public static let sessionEnded = Code(description: "session ended")
        /// The client is closed.
        public static let closed = Code(description: "client closed")
    }

    public let code: Code
    /// The first word of the server's error, such as `OOM` or `NOSCRIPT`; nil when it was not the server.
    public let serverCode: String?
    /// The server's words or the system's. May quote keys: for logs that are kept with care, never for clients.
    public let message: String

    init(_ code: Code, message: String = "", serverCode: String? = nil) {
        self.code = code
        self.message = message
        self.serverCode = serverCode
    }

    /// Whether the command may have been carried out in spite of the error.
    public var isOutcomeUnknown: Bool { code == .timedOut || code == .connectionLost || code == .unexpectedReply }

    /// One of a bounded number of words, for `error.type` of metrics and spans.
    public var metricLabel: String {
        if let serverCode { return Self.knownServerCodes.contains(serverCode) ? serverCode : "ERR" }
        return code.description.replacing(" ", with: "_")
    }

    private static let knownServerCodes: Set<String> = [
        "BUSY", "EXECABORT", "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM", "NOREPLICAS", "NOSCRIPT", "OOM",
        "READONLY", "UNKILLABLE", "WRONGPASS", "WRONGTYPE",
    ]

    /// Whether the error says that the server cannot be worked with now, whatever is asked of it.
    var isAboutTheServer: Bool {
        switch code {
        case .timedOut, .connectionLost, .unexpectedReply: true
        case .server: ["BUSY", "LOADING", "MASTERDOWN", "NOAUTH", "READONLY"].contains(serverCode ?? "")
        default: false
        }
    }
}

extension RedisError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { serverCode.map { "\(code.description) (\($0))" } ?? code.description }

    public var debugDescription: String { message.isEmpty ? description : "\(description): \(message)" }
}
