// SPDX-License-Identifier: Apache-2.0

/// The limits and deadlines of a listener.
public struct EdgeConfiguration: Sendable, Hashable {
    /// The longest request body, in bytes. Bodies are held in memory, whole: ``RequestLoad`` limits how much of all.
    public var maximumBodyByteCount = 1 << 20
    /// The longest request target, in bytes.
    public var maximumTargetByteCount = 8 << 10
    /// The longest header field, name and value, in bytes.
    public var maximumHeaderFieldByteCount = 16 << 10
    /// All header fields together, in bytes.
    public var maximumHeaderByteCount = 64 << 10
    /// How many header fields a request may have.
    public var maximumHeaderFieldCount = 100
    /// How many connections are open at once; more wait in the listener's queue.
    public var maximumConnectionCount = 10_000

    /// How long a header may take, from its first byte.
    public var headerTimeout = Duration.seconds(10)
    /// How long a body may take, from the end of the header.
    public var bodyTimeout = Duration.seconds(30)
    /// How long the client may take none of what is written.
    public var writeTimeout = Duration.seconds(10)
    /// How long the answer may take, from the end of the request; and the time between two parts of one.
    public var requestTimeout = Duration.seconds(5)
    /// How long a connection may lie idle between requests.
    public var idleTimeout = Duration.seconds(60)

    /// The defaults.
    public init() {}

    /// The shortest time that any of the timeouts stands for.
    static let shortestTimeout = Duration.milliseconds(10)
    /// How much of a refused body is read before the connection ends, in bytes.
    static let discardLimit = 16 << 10
    /// How long a connection whose answer is out waits for the client to end its half.
    static let lingerTimeout = Duration.seconds(1)
    /// How long an idle connection is kept, once the listener stops, for a request that is on its way already.
    static let quiesceGrace = Duration.milliseconds(20)
    /// How much a read takes from the socket at once, in bytes.
    static let readByteCount = 16 << 10
    /// How much of an answer the system takes in before it has sent what came before, in bytes.
    static let unsentByteCount = 128 << 10
    /// How many bytes of framing a chunked body may have beside eight for each of its own: chunk extensions mean
    /// nothing here.
    static let chunkFramingAllowance = 4 << 10
    /// How much that arrives behind a request is held until its turn comes, in bytes.
    static let holdLimit = 128 << 10
}
