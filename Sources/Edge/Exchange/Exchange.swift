// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import NIOCore
public import TraceContext

/// One request and its answer, as the middleware see them. Lives on its connection's event loop.
public struct Exchange {
    /// How an exchange ended.
    public enum Outcome: Sendable, Hashable {
        /// It is still under way.
        case pending
        /// The answer was handed to the system whole.
        case answered
        /// The client went away, or stopped reading, before that.
        case aborted
    }

    /// What was asked; nil when the bytes on the wire were no request.
    public let request: RequestHead?
    /// Why the bytes on the wire, or the time they took, are refused already; ``WireRules`` answers it.
    public let refusal: Refusal?
    /// The address of the other end of the connection; `unknown` for what has none.
    public let peerAddress: String
    /// The same; nil for what has none.
    public let peer: IPAddress?
    /// The connection's event loop, which everything about the exchange happens on.
    public let eventLoop: any EventLoop
    /// When the head had arrived.
    public let receivedAt: NIODeadline

    /// Tells this request from all others, in logs and to the client.
    public var requestID = ""
    /// The template of the route that the path is of; nil when it is of none.
    public var route: RouteTemplate?
    /// Where the request comes from, past the proxies that are trusted: ``peer``, unless ``ClientAddress`` finds
    /// another.
    public var client: IPAddress?
    /// The same as text, for logs.
    public var clientAddress: String
    /// Who makes the request, as its token says; nil when nobody has looked, or need not.
    public var principal: Principal?
    /// The place of the request's span in its trace; nil when nobody traces.
    public var trace: SpanContext?
    /// The span of whoever called.
    public var parentSpanID: SpanID?
    /// What whoever called wants passed on.
    public var baggage: Baggage?
    /// When the client stops waiting, if that is before the server's own deadline.
    public var deadline: NIODeadline?
    /// What caches had to do with the answer, as its `Cache-Status` tells (RFC 9211); nil when it tells nothing.
    public internal(set) var cacheStatus: String?
    /// What went wrong, from a closed set: the name of a ``Refusal``, or the status of a failure.
    public var errorType: String?
    /// How much of the body has arrived, in bytes.
    public internal(set) var requestByteCount = 0
    /// How much of the answer's body has been written, in bytes.
    public internal(set) var responseByteCount = 0
    /// The status of the answer; nil until there is one.
    public internal(set) var status: HTTPResponse.Status?
    /// How it ended; final in ``EdgeMiddleware/complete(_:)-swift.requirement``.
    public internal(set) var outcome = Outcome.pending
    /// How long it took, from ``receivedAt`` to its end.
    public internal(set) var duration = Duration.zero

    /// The answer to what is no request.
    var refusalReply: Reply?
    /// Whether the client waits to be asked for the body (RFC 9110 section 10.1.1).
    let expectsContinue: Bool
    /// Whether it is served however many are in flight.
    var isSparedByLoadShedding = false
    /// How much of the load's bytes it holds.
    var heldByteCount = 0
    /// How many middleware have seen it on its way in.
    @usableFromInline var enteredCount = 0
    /// Lines for the answer's header, in the form they have on the wire.
    var additionalLines: [UInt8] = []

    init(
        request: RequestHead?, refusal: (Refusal, Reply)? = nil, peerAddress: String, peer: IPAddress?,
        eventLoop: any EventLoop, receivedAt: NIODeadline
    ) {
        self.eventLoop = eventLoop
        self.request = request
        self.refusal = refusal?.0
        self.refusalReply = refusal?.1
        self.peerAddress = peerAddress
        self.peer = peer
        client = peer
        clientAddress = peerAddress
        self.receivedAt = receivedAt
        errorType = refusal?.0.rawValue
        expectsContinue = request?.expectsContinue ?? false
    }

    /// Runs the way in, where the exchange lies: it is large.
    mutating func enter(_ chain: MiddlewareChain) -> Verdict { chain.receive(&self) }

    /// Runs the way out, and returns what is to be given back: the memory of the lines, and the part of the load.
    mutating func leave(
        _ chain: MiddlewareChain, as outcome: Outcome, at now: NIODeadline
    ) -> (lines: [UInt8], heldByteCount: Int) {
        self.outcome = outcome
        duration = .nanoseconds((now - receivedAt).nanoseconds)
        chain.complete(&self)
        return (additionalLines.take(), heldByteCount)
    }

    /// Adds a field to the answer, whoever gives it.
    public mutating func addField(_ name: HTTPField.Name, _ value: String) {
        FieldLines.append(name.rawName, value, to: &additionalLines)
    }

    /// Adds a field to the answer without putting its value together elsewhere.
    ///
    /// - Parameters:
    ///   - name: With the colon and the space behind it.
    ///   - appendValue: Appends nothing but visible ASCII and spaces.
    mutating func addLine(_ name: StaticString, _ appendValue: (inout [UInt8]) -> Void) {
        name.withUTF8Buffer { additionalLines.append(contentsOf: $0) }
        appendValue(&additionalLines)
        additionalLines.append(0x0d)
        additionalLines.append(0x0a)
    }

    /// What counts as a failure of the service: a 5xx by its refusal or its status, and an abort; nil for all else.
    var failureType: String? {
        if outcome == .aborted { return errorType ?? "client_aborted" }
        // Who asks for an answer at once, and is told that there is none, has not seen a failure.
        guard let status, status.code >= 500, errorType != Refusal.clientDeadline.rawValue else { return nil }
        return errorType ?? "\(status.code)"
    }
}
