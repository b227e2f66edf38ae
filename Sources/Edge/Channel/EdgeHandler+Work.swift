// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import ServiceContextModule

extension EdgeHandler: ResponseSink {
    /// Hands the request, which has arrived whole, to the responder, in a task on this event loop.
    ///
    /// The task is the connection's: cancelled when its client goes away or its time is up, and waited for before the
    /// connection counts as finished.
    func startWork() {
        guard let channel = context?.channel, let request = exchange?.request else { return }
        let now = NIODeadline.now()
        if gate.state.isTooLate(now) { return requestTimedOut() }
        let isSpared = exchange?.isSparedByLoadShedding ?? false
        guard shared.load.begin(isRead: request.isSafe, exceeding: isSpared) else {
            exchange?.errorType = Refusal.overload.rawValue
            return answer(Refusals.reply(for: .overload, to: request))
        }
        gate.state.workBegan(now: now)
        runningWorkCount += 1
        let heldByteCount = exchange?.heldByteCount ?? 0
        let scope = ExchangeScope(requestID: exchange?.requestID ?? "", principal: exchange?.principal)
        let serviceContext = exchange?.serviceContext
        let number = number
        let sink = ResponseSinkReference(self, eventLoop: loop.eventLoop)
        let answer = ownWork.map { answering(by: $0, sink) } ?? answering(request, by: shared.respond, channel, sink)
        (body, ownWork) = (nil, nil)
        work = Task(executorPreference: loop.executor) {
            await ExchangeScope.$current.withValue(scope) {
                await ServiceContext.$current.withValue(serviceContext) {
                    do {
                        try await answer()
                    } catch {
                        try? await sink.run { $0.workFailed(number: number) }
                    }
                }
            }
            try? await sink.run { $0.workEnded(number: number, heldByteCount: heldByteCount) }
        }
    }

    private typealias Answering = @Sendable () async throws -> Void

    private func answering(by work: @escaping Verdict.Work, _ sink: ResponseSinkReference) -> Answering {
        let number = number
        return {
            let reply = try await work()
            try await sink.run { $0.respond(reply, number: number) }
        }
    }

    private func answering(
        _ request: RequestHead, by respond: @escaping EdgeShared.Respond, _ channel: any Channel,
        _ sink: ResponseSinkReference
    ) -> Answering {
        let asked = Request(head: HTTPRequest(request), body: RequestBody(buffer: body ?? ByteBuffer()))
        let number = number
        return {
            let response = try await respond(asked, channel)
            let length = response.body.contentLength
            try await response.body.write(
                ResponseStream(sink: sink, number: number, head: response.head, length: length))
        }
    }

    private func isCurrent(_ number: Int) -> Bool { number == self.number && exchange != nil && context != nil }

    func respond(_ head: HTTPResponse, body: ByteBuffer, number: Int) {
        guard isCurrent(number), gate.state.answer == .working else { return }
        if head.status.code >= 500 { exchange?.errorType = "\(head.status.code)" }
        exchange?.cacheStatus = head.headerFields[.cacheStatus]
        answer(head, body: body)
    }

    func respond(_ reply: Reply, number: Int) {
        guard isCurrent(number), gate.state.answer == .working else { return }
        if reply.status.code >= 500 { exchange?.errorType = "\(reply.status.code)" }
        answer(reply)
    }

    func beginStream(_ head: HTTPResponse, length: Int?, number: Int) -> Bool {
        guard isCurrent(number), gate.state.answer == .working, let context else { return false }
        let isHead = exchange?.request?.method == .head
        let isOld = exchange?.request?.minorVersion == 0
        streamFraming = length.map { .length($0) } ?? (isOld ? .untilClose : .chunked)
        if isHead { streamFraming = length.map { .length($0) } ?? .none }
        if head.status.isBodiless { streamFraming = .none }
        let encoder = headEncoder(
            status: head.status, framing: streamFraming, isPersistent: !head.closesConnection)
        loop.output.clear()
        encoder.append(head.headerFields, to: &loop.output)
        write(loop.output, to: context)
        exchange?.status = head.status
        gate.state.partWritten(now: .now())
        return true
    }

    func writePart(_ bytes: ByteBuffer, number: Int) -> EventLoopFuture<Void>? {
        guard isCurrent(number), gate.state.answer == .streaming, let context else {
            return loop.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        gate.state.partWritten(now: .now())
        let isLeftOut = exchange?.request?.method == .head || streamFraming == .none
        if isLeftOut || bytes.readableBytes == 0 { return nil }
        exchange?.responseByteCount += bytes.readableBytes
        if case .length(let length) = streamFraming, (exchange?.responseByteCount ?? 0) > length {
            abort(as: "500")
            return loop.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        if streamFraming == .chunked {
            write(ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n"), to: context)
            write(bytes, to: context)
            write(ByteBuffer(staticString: "\r\n"), to: context)
        } else {
            write(bytes, to: context)
        }
        flush()
        if context.channel.isWritable { return nil }
        let waiter = writableWaiter ?? loop.eventLoop.makePromise()
        writableWaiter = waiter
        return waiter.futureResult
    }

    func endStream(number: Int) {
        guard isCurrent(number), gate.state.answer == .streaming, let context, let exchange else { return }
        let isHead = exchange.request?.method == .head
        if case .length(let length) = streamFraming, !isHead, length != exchange.responseByteCount {
            abort(as: "500")
            return
        }
        if streamFraming == .chunked, !isHead { write(ByteBuffer(staticString: "0\r\n\r\n"), to: context) }
        answerWritten()
    }

    func workFailed(number: Int) {
        guard isCurrent(number) else { return }
        switch gate.state.answer {
        case .working:
            exchange?.errorType = "500"
            answer(Refusals.failure(to: exchange?.request))
        case .streaming: abort(as: "500")
        case .none, .deciding, .admitted, .flushing: break
        }
    }

    /// Ends an answer that cannot be completed: only the end of the connection tells the client, which counts on more.
    func abort(as errorType: String) {
        exchange?.errorType = errorType
        context?.close(promise: nil)
    }

    func workEnded(number: Int, heldByteCount: Int) {
        runningWorkCount -= 1
        shared.load.end()
        shared.load.release(byteCount: heldByteCount)
        // A responder that has returned without the end of its answer has failed.
        workFailed(number: number)
        finishIfDone()
    }
}

extension HTTPRequest {
    /// The request as Hummingbird takes it.
    fileprivate init(_ request: RequestHead) {
        var fields = HTTPFields()
        fields.reserveCapacity(request.fields.places.count)
        for place in request.fields.places {
            guard let name = HTTPField.Name(request.fields.text(at: place.name)), name.canonicalName != "host" else {
                continue
            }
            fields.append(HTTPField(name: name, value: request.fields.text(at: place.value)))
        }
        self.init(
            method: request.method, scheme: "http", authority: request.host, path: request.target,
            headerFields: fields)
    }
}

extension HTTPField.Name {
    /// RFC 9211 section 2.
    fileprivate static let cacheStatus = HTTPField.Name(parsed: "cache-status") ?? .cacheControl
}
