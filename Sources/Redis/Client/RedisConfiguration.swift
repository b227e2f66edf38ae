// SPDX-License-Identifier: Apache-2.0

import NIOSSL
public import Resilience

/// Where the server is, and how a client treats it.
public struct RedisConfiguration: Sendable {
    /// A name or an address.
    public let host: String
    public let port: Int
    /// The number of the database that is selected.
    public let database: Int
    /// Who the client is to the server (Redis 6 and later); nil for the default user.
    public let user: String?
    /// Whether the connections are encrypted (TLS), and the server's certificate verified.
    public let isEncrypted: Bool

    /// Asked for before each connection is opened, on a thread that may block; outranks the one of the URL. What it
    /// throws counts as a failure to connect, and is described in logs.
    public var password: (@Sendable () throws -> String)?
    /// The file with the certificates of those that are trusted to vouch for the server (PEM); nil for the system's.
    public var trustedCertificatesPath: String?

    /// What the server's list of clients calls this program: no spaces.
    public var clientName = "swift-microservices"
    /// How long opening a connection may take, all questions before the first command included.
    public var connectTimeout = Duration.seconds(1)
    /// How long a command has for its reply.
    public var commandTimeout = Duration.milliseconds(20)
    /// How long a connection may go without a byte while replies are due before it is given up.
    public var silenceLimit = Duration.seconds(3)
    /// How many commands of one connection may wait for their replies.
    public var maximumPendingCount = 10_000
    /// How many bytes of one connection may wait to be sent.
    public var maximumPendingByteCount = 16 << 20
    /// How many bytes one reply may have.
    public var maximumReplyByteCount = 16 << 20
    /// How often a client with no connection at all tries to open one: at most once in this time, and a quarter more by
    /// chance.
    public var reconnectInterval = Duration.seconds(1)
    /// When commands are no longer sent to a server that does not answer them. Each connection has a breaker of its
    /// own.
    public var breaker = CircuitBreaker.Limits()

    /// Reads a URL: `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS. The port is 6379 and
    /// the database 0 unless it says otherwise; what is special in a user or a password is percent-encoded.
    /// `?cacert=PATH` names ``trustedCertificatesPath``.
    ///
    /// Throws ``RedisError/Code/invalidConfiguration`` when it is none, without quoting it.
    ///
    /// Source: the registrations of the schemes `redis` and `rediss` with the IANA.
    public init(url: String) throws(RedisError) {
        let parts = try RedisURL(url)
        (host, port, database) = (parts.host, parts.port, parts.database)
        (user, isEncrypted, trustedCertificatesPath) = (parts.user, parts.isEncrypted, parts.trustedCertificatesPath)
        if let password = parts.password { self.password = { password } }
    }
}
