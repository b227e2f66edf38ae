// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What a connection is doing, as a value: where its input stands, where the answer stands, and what ends when.
///
/// One exchange at a time: the next request is taken up when the answer before it is out and the body before it is in.
struct ConnectionState {
    /// Where the bytes from the client stand.
    enum Input: Equatable {
        /// Between requests.
        case idle
        /// Some of a header has arrived.
        case header
        /// The header has; of the body, so many bytes are to come, nil when that is not known before its end.
        case body(remaining: Int?)
        /// The request has arrived whole.
        case complete
        /// Nothing more is looked at.
        case closed
    }

    /// Where the answer stands.
    enum Answer: Equatable {
        /// No exchange is under way.
        case none
        /// A middleware waits.
        case deciding
        /// The middleware let it pass; the rest of the body is to come.
        case admitted
        /// The responder is at work.
        case working
        /// A part of the answer is out.
        case streaming
        /// All of the answer is written, more of it than the client has taken.
        case flushing
    }

    /// What a deadline is for.
    enum Deadline: Equatable {
        case idle
        case header
        case body
        case request
        case linger
    }

    /// What is to be done behind an answer.
    enum Next: Equatable {
        /// Take up the next request.
        case continueReading
        /// Close as soon as the answer is out.
        case close
        /// End the answers' half, and give the client time to take the answer before the connection closes: what it has
        /// sent and nobody reads would make the system throw the answer away.
        case linger
    }

    private(set) var input = Input.idle
    private(set) var answer = Answer.none
    /// Whether the connection ends behind the answer under way.
    private(set) var closesBehindAnswer = false
    /// Whether the listener stops.
    private(set) var isQuiescing = false
    /// Whether the client has said that the request under way is its last.
    private var isClientsLast = false
    /// Whether the client has ended its half.
    private(set) var hasClientEnded = false
    private(set) var deadline: (kind: Deadline, instant: NIODeadline)
    /// When the client of the request under way stops waiting, if it has said so.
    private var clientDeadline = NIODeadline.distantFuture

    /// How much of the body has arrived, in bytes, without the framing.
    private(set) var bodyByteCount = 0
    /// How much has been read of what nobody wants, in bytes.
    private var discardedByteCount = 0
    private let timeouts: EdgeTimeouts

    init(timeouts: EdgeTimeouts, now: NIODeadline) {
        self.timeouts = timeouts
        deadline = (.idle, now + timeouts.idle)
    }

    /// Whether the decoder is to see more of what the client sends.
    var takesBytes: Bool {
        switch input {
        case .idle, .header: answer == .none
        case .body: true
        case .complete, .closed: false
        }
    }

    /// Whether the input ends without a request being cut off by that.
    var isBetweenRequests: Bool { input == .idle && answer == .none }
}

// MARK: - Input

extension ConnectionState {
    /// What becomes of some of a body.
    enum BodyAction: Equatable {
        case collect
        case discard
        /// More has come than is read of a refused body.
        case stopReading
    }

    /// Bytes of a header have arrived.
    mutating func headerBytesArrived(now: NIODeadline) {
        guard input == .idle else { return }
        input = .header
        deadline = (.header, now + timeouts.header)
    }

    /// A header is complete. Returns false when no request was to come now.
    ///
    /// - Parameter bodyByteCount: The length of the body behind it; nil for one in chunks.
    mutating func headArrived(bodyByteCount: Int?, now: NIODeadline) -> Bool {
        guard answer == .none, input == .header || input == .idle else { return false }
        input = .body(remaining: bodyByteCount)
        closesBehindAnswer = isQuiescing
        discardedByteCount = 0
        self.bodyByteCount = 0
        clientDeadline = .distantFuture
        deadline = bodyByteCount == 0 ? requestDeadline(now) : (.body, now + timeouts.body)
        answer = .deciding
        return true
    }

    mutating func bodyArrived(byteCount: Int) -> BodyAction {
        guard case .body(let remaining) = input else { return .discard }
        input = .body(remaining: remaining.map { $0 - byteCount })
        bodyByteCount += byteCount
        if answer == .deciding || answer == .admitted { return .collect }
        return discarded(byteCount: byteCount)
    }

    /// Bytes that nobody wants have arrived.
    mutating func discarded(byteCount: Int) -> BodyAction {
        discardedByteCount += byteCount
        return discardedByteCount > EdgeConfiguration.discardLimit ? .stopReading : .discard
    }

    /// The request is complete. Returns whether the responder is to be asked.
    mutating func endArrived(now: NIODeadline) -> Bool {
        guard case .body = input else { return false }
        switch answer {
        case .none:
            input = .idle
            deadline = (.idle, now + (isQuiescing ? TimeAmount(EdgeConfiguration.quiesceGrace) : timeouts.idle))
            return false
        case .deciding, .admitted:
            input = .complete
            deadline = requestDeadline(now)
            return answer == .admitted
        case .working, .streaming, .flushing:
            input = .complete
            return false
        }
    }

    /// What the end of the client's half means.
    enum EndAction: Equatable {
        /// Nothing is under way.
        case close
        /// A request is cut off.
        case refuse
        /// The answer under way is still owed.
        case finishAnswer
    }

    /// The client has ended its half.
    mutating func clientEnded() -> EndAction {
        let wasInput = input
        let isAnswering = answer == .working || answer == .streaming || answer == .flushing
        hasClientEnded = true
        closesBehindAnswer = true
        // A request that is complete may still be on its way through the chain.
        if wasInput == .complete { return .finishAnswer }
        input = .closed
        switch wasInput {
        case .complete: return .finishAnswer
        case .header: return .refuse
        case .body: return isAnswering ? .finishAnswer : answer == .none ? .close : .refuse
        case .idle, .closed: return answer == .none ? .close : .finishAnswer
        }
    }

    /// The listener stops: what is under way is finished, what has not begun soon does not begin.
    mutating func quiesce(now: NIODeadline) {
        isQuiescing = true
        closesBehindAnswer = true
        if isBetweenRequests {
            deadline = (.idle, now + TimeAmount(EdgeConfiguration.quiesceGrace))
        } else if input == .header || answer == .none {
            // A request that has not begun in earnest, or the rest of one that was answered.
            deadline.instant = min(deadline.instant, now + TimeAmount(EdgeConfiguration.lingerTimeout))
        }
    }
}

// MARK: - Answers

extension ConnectionState {
    /// The middleware let the request pass. Returns whether the responder is to be asked at once.
    mutating func admitted() -> Bool {
        answer = .admitted
        return input == .complete
    }

    mutating func workBegan(now: NIODeadline) {
        answer = .working
        deadline = requestDeadline(now)
    }

    /// The client has said when it stops waiting.
    mutating func limit(to instant: NIODeadline) {
        clientDeadline = instant
        if deadline.kind == .request { deadline.instant = min(deadline.instant, instant) }
    }

    /// Whether the client waits no more.
    func isTooLate(_ now: NIODeadline) -> Bool { now >= clientDeadline }

    private func requestDeadline(_ now: NIODeadline) -> (kind: Deadline, instant: NIODeadline) {
        (.request, min(now + timeouts.request, clientDeadline))
    }

    /// An answer begins that nothing has asked for: to bytes that are no request, or that did not come in time.
    mutating func refusalBegan() {
        if answer == .none { answer = .deciding }
        input = .closed
        closesBehindAnswer = true
    }

    /// An answer is about to be written. Returns whether it must say that the connection ends.
    ///
    /// - Parameters:
    ///   - isClientsLast: Whether the client has said that it sends nothing behind this request.
    ///   - isPersistent: Whether the answer and the listener would have the connection stay.
    ///   - mayLackBody: Whether the client may never send the body, as it has waited to be asked for it.
    mutating func answerBegins(isClientsLast: Bool, isPersistent: Bool, mayLackBody: Bool) -> Bool {
        self.isClientsLast = isClientsLast
        if isClientsLast || !isPersistent { closesBehindAnswer = true }
        if case .body(let remaining) = input {
            let isShort = remaining.map { $0 <= EdgeConfiguration.discardLimit } ?? false
            if !isShort || mayLackBody { closesBehindAnswer = true }
        }
        return closesBehindAnswer
    }

    /// A part of an answer has been written.
    mutating func partWritten(now: NIODeadline) {
        answer = .streaming
        deadline = requestDeadline(now)
    }

    /// The answer has been written, but the client has not taken it yet.
    mutating func answerWritten() { answer = .flushing }

    /// The answers' half has ended: the client's is waited for, but not for long.
    mutating func lingerBegan(now: NIODeadline) {
        deadline = (.linger, now + TimeAmount(EdgeConfiguration.lingerTimeout))
    }

    /// The answer is out. Returns what is to be done now.
    ///
    /// - Parameter holdsBytes: Whether something has arrived that nobody has looked at.
    mutating func answerEnded(holdsBytes: Bool, now: NIODeadline) -> Next {
        answer = .none
        if closesBehindAnswer {
            let isTakenUp = input == .complete || input == .body(remaining: 0)
            input = .closed
            // One that did not know that this answer is the last may have sent more, which the system may hold.
            if hasClientEnded || (isClientsLast && isTakenUp && !holdsBytes) { return .close }
            deadline = (.linger, now + TimeAmount(EdgeConfiguration.lingerTimeout))
            return .linger
        }
        if input == .complete { input = .idle }
        deadline = input == .idle ? (.idle, now + timeouts.idle) : (.body, now + timeouts.body)
        return .continueReading
    }
}
