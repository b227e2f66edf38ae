// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTP1

/// Runs the exchanges of one connection, one after the other: requests in, the chain, the responder, answers out.
///
/// Decisions are those of ``ConnectionState``; this is the shell that carries them out. Lives on its event loop.
final class EdgeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    let shared: EdgeShared
    let loop: LoopContext
    let gate: RequestGate
    let peerAddress: String
    let peer: IPAddress?
    let timeouts: EdgeTimeouts
    /// Fulfilled when the connection has closed and no work for it is left.
    let finished: EventLoopPromise<Void>
    var context: ChannelHandlerContext?

    /// Which exchange is under way: answers to an earlier one come too late.
    var number = 0
    var exchange: Exchange?
    var body: ByteBuffer?
    var work: Task<Void, Never>?
    /// Makes the answer in the responder's stead.
    var ownWork: Verdict.Work?
    var runningWorkCount = 0
    private var hasClosed = false
    /// Whoever waits for the client to take more of an answer.
    var writableWaiter: EventLoopPromise<Void>?
    /// How a body that is sent in parts is framed.
    var streamFraming = ResponseHeadEncoder.Framing.none

    /// Whether answers are gathered until all that has been read is looked at.
    var isReading = false
    var needsFlush = false
    var watch = WriteWatch()
    var timer: NIOScheduledCallback?
    /// Whether the connection ends as soon as all that is written is out, and how.
    var closing: Closing?

    /// How a connection ends.
    enum Closing {
        /// With the answers' half, as soon as all is out; the client's is waited for.
        case lingering
        /// The answers' half has ended.
        case halfClosed
        /// With both halves, as soon as all is out.
        case whole
    }

    init(
        shared: EdgeShared, loop: LoopContext, gate: RequestGate, timeouts: EdgeTimeouts,
        peerAddress: String, finished: EventLoopPromise<Void>
    ) {
        self.shared = shared
        self.loop = loop
        self.gate = gate
        self.timeouts = timeouts
        self.peerAddress = peerAddress
        peer = IPAddress(peerAddress)
        self.finished = finished
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        gate.handler = self
        shared.connections.opened()
        scheduleTimer(at: .now() + timeouts.shortest)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        switch unwrapInboundIn(data) {
        case .head(let head): headArrived(head)
        case .body(let bytes): bodyArrived(bytes)
        case .end: endArrived()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { readCompleted() }

    /// All that was read is looked at.
    func readCompleted() {
        isReading = false
        flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        if let writableWaiter {
            self.writableWaiter = nil
            gate.state.partWritten(now: .now())
            writableWaiter.succeed()
        }
        if gate.state.answer == .flushing { endExchange(as: .answered) } else { gate.resume() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: clientEnded()
        case is ChannelShouldQuiesceEvent: quiesce()
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as HTTPParserError: refuse(parserError: error)
        default: context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        writableWaiter?.fail(ChannelError.ioOnClosedChannel)
        writableWaiter = nil
        endExchange(as: .aborted)
        self.context = nil
        finishIfDone()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        gate.handler = nil
        timer?.cancel()
        timer = nil
        self.context = nil
        finishIfDone()
    }

    func finishIfDone() {
        if !hasClosed, context == nil {
            hasClosed = true
            shared.connections.closed()
        }
        if context == nil, runningWorkCount == 0 { finished.succeed() }
    }

    func flush() {
        if needsFlush {
            needsFlush = false
            context?.flush()
        }
    }
}

// MARK: - Requests

extension EdgeHandler {
    /// A request that has no body, and that the gate has read itself.
    func requestArrived(_ request: RequestHead) {
        isReading = true
        let now = NIODeadline.now()
        guard gate.state.headArrived(bodyByteCount: 0, now: now) else { return refuse(.framing) }
        begin(
            Exchange(
                request: request, peerAddress: peerAddress, peer: peer, eventLoop: loop.eventLoop, receivedAt: now))
        endArrived()
    }

    private func headArrived(_ head: HTTPRequestHead) {
        let now = NIODeadline.now()
        guard let request = RequestHead(head) else { return refuse(.header) }
        let bodyByteCount: Int?
        switch request.bodyLength {
        case .told(let length): bodyByteCount = length
        case .chunked: bodyByteCount = nil
        case .invalid: return refuse(.framing)
        }
        guard gate.state.headArrived(bodyByteCount: bodyByteCount, now: now) else { return refuse(.framing) }
        begin(
            Exchange(
                request: request, peerAddress: peerAddress, peer: peer, eventLoop: loop.eventLoop, receivedAt: now))
    }

    private func bodyArrived(_ bytes: ByteBuffer) {
        switch gate.state.bodyArrived(byteCount: bytes.readableBytes) {
        case .collect:
            exchange?.requestByteCount += bytes.readableBytes
            guard (body?.readableBytes ?? 0) + bytes.readableBytes <= shared.configuration.maximumBodyByteCount else {
                return refuse(.bodySize)
            }
            guard shared.load.hold(byteCount: bytes.readableBytes) else { return refuse(.overload) }
            exchange?.heldByteCount += bytes.readableBytes
            var bytes = bytes
            if body == nil { body = bytes } else { body?.writeBuffer(&bytes) }
        case .discard: break
        case .stopReading: gate.stopReading()
        }
    }

    private func endArrived() {
        if gate.state.endArrived(now: .now()) { startWork() }
        // The rest of a request that was answered long ago: nothing is owed any more.
        if gate.state.isQuiescing, gate.state.isBetweenRequests { closeBehindOutput(lingers: false) }
    }

    private func clientEnded() {
        switch gate.state.clientEnded() {
        case .close: closeBehindOutput(lingers: false)
        case .refuse: refuse(.body)
        case .finishAnswer: break
        }
    }

    private func quiesce() {
        gate.state.quiesce(now: .now())
        scheduleTimer(at: gate.state.deadline.instant)
    }

    /// Runs the chain for a new exchange.
    func begin(_ exchange: Exchange) {
        number += 1
        body = nil
        ownWork = nil
        self.exchange = exchange
        self.exchange?.additionalLines = loop.takeLines()
        runChain()
    }

    /// Runs the chain from where it stopped to wait, if it did.
    private func runChain() {
        if let verdict = exchange?.enter(shared.chain) { obey(verdict, isLater: false) }
    }

    /// - Parameter isLater: Whether a middleware has waited for it.
    private func obey(_ verdict: Verdict, isLater: Bool) {
        switch verdict {
        case .proceed: if isLater { runChain() } else { proceed() }
        case .respond(let reply): answer(reply)
        case .work(let work):
            ownWork = work
            proceed()
        case .wait(let future): wait(for: future) { $0 }
        case .decide(let future):
            wait(for: future) { [weak self] decision in
                guard let self, var exchange = self.exchange.take() else { return .proceed }
                let verdict = decision(&exchange)
                self.exchange = exchange
                return verdict
            }
        }
    }

    private func wait<Value>(for future: EventLoopFuture<Value>, then decide: @escaping (Value) -> Verdict) {
        let number = number
        future.assumeIsolated().whenComplete { [weak self] result in
            guard let self, number == self.number, gate.state.answer == .deciding else { return }
            switch result {
            case .success(let value): obey(decide(value), isLater: true)
            case .failure: answer(Refusals.failure(to: exchange?.request))
            }
            if !isReading { flush() }
        }
    }

    private func proceed() {
        guard let exchange else { return }
        if let refusal = exchange.refusalReply { return answer(refusal) }
        if let deadline = exchange.deadline {
            gate.state.limit(to: deadline)
            scheduleTimer(at: deadline)
        }
        if gate.state.admitted() {
            startWork()
        } else if exchange.expectsContinue, gate.state.input != .body(remaining: 0), body == nil {
            context?.writeAndFlush(
                wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
    }
}

// MARK: - Refusals

extension EdgeHandler {
    private func refuse(parserError error: HTTPParserError) {
        // That the client ended its half, or is gone, in the middle of a request comes as an event, too.
        guard gate.state.input != .closed, error != .invalidEOFState else { return }
        let isTargetTooLong = gate.firstLineByteCount > shared.configuration.maximumTargetByteCount
        refuse(Refusals.reason(for: error, isTargetTooLong: isTargetTooLong, firstByte: gate.firstByte))
    }

    /// Answers what is no request, or not one that is served, and ends the connection. The answer under way, if one has
    /// begun, is left as it is.
    func refuse(_ refusal: Refusal) {
        guard context != nil else { return }
        gate.dropHeldBytes()
        let answerState = gate.state.answer
        gate.state.refusalBegan()
        switch answerState {
        case .streaming, .flushing: return
        case .none:
            begin(
                Exchange(
                    request: nil, refusal: (refusal, Refusals.reply(for: refusal, to: nil)), peerAddress: peerAddress,
                    peer: peer, eventLoop: loop.eventLoop, receivedAt: .now()))
        case .deciding, .admitted, .working:
            work?.cancel()
            exchange?.errorType = refusal.rawValue
            answer(Refusals.reply(for: refusal, to: exchange?.request))
        }
        if !isReading { flush() }
    }
}
