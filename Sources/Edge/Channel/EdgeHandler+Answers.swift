// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

extension EdgeHandler {
    /// Writes an answer of the edge's own.
    func answer(_ reply: Reply) {
        if let status = reply.cacheStatus {
            exchange?.cacheStatus = status
            exchange?.addLine("Cache-Status: ") { $0.append(contentsOf: status.utf8) }
        }
        let body = reply.bodyBytes
        writeWhole(
            status: reply.status, bodyByteCount: body.count, isPersistent: !reply.closesConnection
        ) { encoder, buffer in
            encoder.append(lines: reply.fieldLines, declared: reply.declares, to: &buffer)
        } appendBody: { buffer in
            buffer.writeBytes(body)
        }
    }

    /// Writes an answer of the responder's whose body is known.
    func answer(_ head: HTTPResponse, body: ByteBuffer) {
        writeWhole(
            status: head.status, bodyByteCount: body.readableBytes, headLength: declaredLength(in: head),
            isPersistent: !head.closesConnection
        ) { encoder, buffer in
            encoder.append(head.headerFields, to: &buffer)
        } appendBody: { buffer in
            if buffer.readableBytes == 0 { buffer = body } else { buffer.writeImmutableBuffer(body) }
        }
    }

    /// The length that the answer to a `HEAD` tells of the body that it does not have.
    private func declaredLength(in head: HTTPResponse) -> Int? {
        exchange?.request?.method == .head ? head.headerFields[.contentLength].flatMap { Int($0) } : nil
    }

    func write(_ bytes: ByteBuffer, to context: ChannelHandlerContext) {
        watch.writtenByteCount += bytes.readableBytes
        context.write(wrapOutboundOut(bytes), promise: nil)
        needsFlush = true
    }

    private func writeWhole(
        status: HTTPResponse.Status, bodyByteCount: Int, headLength: Int? = nil, isPersistent: Bool,
        _ appendHead: (ResponseHeadEncoder, inout ByteBuffer) -> Void, appendBody: (inout ByteBuffer) -> Void
    ) {
        guard let context, exchange != nil else { return }
        let hasBody = !status.isBodiless && exchange?.request?.method != .head && bodyByteCount > 0
        let framing: ResponseHeadEncoder.Framing = status.isBodiless ? .none : .length(headLength ?? bodyByteCount)
        loop.output.clear()
        appendHead(headEncoder(status: status, framing: framing, isPersistent: isPersistent), &loop.output)
        let isJoined = bodyByteCount <= Self.joinedBodyLimit
        if hasBody, isJoined { appendBody(&loop.output) }
        write(loop.output, to: context)
        if hasBody, !isJoined {
            var body = ByteBuffer()
            appendBody(&body)
            write(body, to: context)
        }
        exchange?.status = status
        exchange?.responseByteCount = hasBody ? bodyByteCount : 0
        answerWritten()
    }

    /// Up to how many bytes a body is copied behind its header section, to be written at once.
    private static var joinedBodyLimit: Int { 16 << 10 }

    func headEncoder(
        status: HTTPResponse.Status, framing: ResponseHeadEncoder.Framing, isPersistent: Bool
    ) -> ResponseHeadEncoder {
        let request = exchange?.request
        let isKept = request?.isKeepAlive ?? false
        let closes = gate.state.answerBegins(
            isClientsLast: request != nil && !isKept,
            isPersistent: isPersistent && isKept && !shared.isDraining() && framing != .untilClose,
            mayLackBody: gate.state.answer == .deciding && exchange?.expectsContinue ?? false)
        let persistence: ResponseHeadEncoder.Persistence =
            closes ? .close : request?.minorVersion == 0 ? .keepAlive : .unsaid
        return ResponseHeadEncoder(
            status: status, framing: framing, persistence: persistence,
            additionalLines: exchange?.additionalLines ?? [], date: loop.date.current())
    }

    /// Behind the last byte of an answer: ends the exchange, at once or when the client has taken enough.
    func answerWritten() {
        guard let context else { return }
        if !isReading || !context.channel.isWritable { flush() }
        if context.channel.isWritable {
            endExchange(as: .answered)
        } else {
            gate.state.answerWritten()
        }
    }

    /// Ends the exchange under way, which each middleware that has received it sees once.
    func endExchange(as outcome: Exchange.Outcome) {
        let now = NIODeadline.now()
        guard let rest = exchange?.leave(shared.chain, as: outcome, at: now) else { return }
        exchange = nil
        loop.giveBack(rest.lines)
        (body, ownWork) = (nil, nil)
        // Work that is still running gives its part of the load back itself.
        if work == nil { shared.load.release(byteCount: rest.heldByteCount) }
        if outcome == .aborted { work?.cancel() }
        work = nil
        guard outcome == .answered else { return }
        switch gate.state.answerEnded(holdsBytes: gate.holdsBytes, now: now) {
        case .continueReading: gate.resume()
        case .close: closeBehindOutput(lingers: false)
        case .linger: closeBehindOutput(lingers: true)
        }
    }

    /// Closes when all that is written is out.
    func closeBehindOutput(lingers: Bool) {
        guard let context else { return }
        gate.dropHeldBytes()
        switch closing {
        case .halfClosed: context.close(promise: nil)
        case .lingering, .whole: closing = lingers ? closing : .whole
        case nil:
            closing = lingers ? .lingering : .whole
            needsFlush = false
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.outputEnded() }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        }
    }

    private func outputEnded() {
        guard let context else { return }
        guard closing == .lingering else { return context.close(promise: nil) }
        closing = .halfClosed
        gate.state.lingerBegan(now: .now())
        context.close(mode: .output, promise: nil)
        scheduleTimer(at: gate.state.deadline.instant)
    }
}
