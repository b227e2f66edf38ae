// SPDX-License-Identifier: Apache-2.0

/// Where the server is, and how a pool treats it.
public struct PostgresConfiguration: Sendable {
    /// libpq's settings, as the URL has them.
    private let parameters: [ConnectionParameter]

    /// Asked for before each connection is opened, on a thread that may block; outranks a password in the URL. What it
    /// throws counts as a failure to connect, and is described in logs.
    public var password: (@Sendable () throws -> String)?
    /// What the server's lists of activity call this program.
    public var applicationName = "swift-microservices"
    /// How many connections are kept open whether there is work for them or not.
    public var minimumConnectionCount = 1
    /// How many connections may be open at most.
    public var maximumConnectionCount = 8
    /// How many reads may be on their way on one connection before another is taken, or opened.
    public var readsPerConnection = 32
    /// How many writes may be on their way on one connection when each other has one, too.
    public var writesPerConnection = 8
    /// How long opening a connection may take for each address; whole seconds, at least 2, as libpq has it.
    public var connectTimeout = Duration.seconds(2)
    /// How long a statement may wait for a connection.
    public var waitLimit = Duration.milliseconds(250)
    /// How many statements may wait at once.
    public var maximumWaitingCount = 1000
    /// How long a statement may run. The server ends it then; half a second later, the connection is given up.
    public var statementTimeout = Duration.seconds(2)
    /// When a connection is replaced, less up to a tenth that is left to chance.
    public var maximumConnectionAge = Duration.seconds(30 * 60)
    /// How long a connection above the minimum is kept without work.
    public var idleTimeout = Duration.seconds(60)
    /// How long ``PostgresPool/close()`` waits for what is being worked on.
    public var closeTimeout = Duration.seconds(5)

    /// Reads a URL such as `postgres://user@host:5432/database?sslmode=verify-full`: several hosts are tried in their
    /// order, what is left out comes from libpq's environment variables, `target_session_attrs` is `read-write` unless
    /// it says otherwise.
    ///
    /// Throws ``PostgresError/Code/invalidConfiguration`` when it is none, without quoting it.
    ///
    /// Source: libpq documentation, section 34.1.1.2.
    public init(url: String) throws(PostgresError) {
        guard let parameters = ConnectionParameter.parse(uri: url) else {
            throw PostgresError(.invalidConfiguration, message: "not a URL of the form postgres://user@host:port/name")
        }
        for parameter in parameters {
            if let requirement = parameter.requirement {
                throw PostgresError(.invalidConfiguration, message: "\(parameter.keyword) must be \(requirement)")
            }
        }
        self.parameters = parameters
    }

    /// How long a statement has in all: the server's own time, and some for its answer to arrive.
    func deadline(after timeout: Duration) -> Duration { timeout + .milliseconds(500) }

    /// What libpq is given, the password aside.
    var connectionParameters: [ConnectionParameter] {
        let timeout = max(2, (connectTimeout / .milliseconds(1000)).rounded(.up))
        let defaults = [
            ("target_session_attrs", "read-write"), ("gssencmode", "disable"),
            ("connect_timeout", String(Int(timeout))),
            // A server that is gone without a word is noticed also on a connection that waits for nothing.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"), ("fallback_application_name", applicationName),
        ]
        let given = Set(parameters.map(\.keyword))
        let own = defaults.filter { !given.contains($0.0) }.map { ConnectionParameter(keyword: $0.0, value: $0.1) }
        let options = (parameters.first { $0.keyword == "options" }?.value).map { [$0] } ?? []
        return parameters.filter { $0.keyword != "options" && $0.keyword != "client_encoding" } + own + [
            ConnectionParameter(keyword: "client_encoding", value: "UTF8"),
            ConnectionParameter(keyword: "options", value: (sessionOptions + options).joined(separator: " ")),
        ]
    }

    private var sessionOptions: [String] {
        let milliseconds = Int(statementTimeout / .milliseconds(1))
        return [
            "-c statement_timeout=\(milliseconds)",
            // A transaction whose program has gone silent must not hold its locks.
            "-c idle_in_transaction_session_timeout=\(2 * milliseconds)",
        ]
    }
}
