// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// Hands the decoder what one request needs and no more, and holds what comes behind it until its turn.
///
/// Requests of the most usual form it reads itself (``CommonHeadDecoder``), and hands them over at once.
///
/// The decoder would turn all the bytes it is given into requests. In front of it, the gate cuts what arrives at the
/// ends of header sections and of bodies; while an exchange is under way it holds the rest, and reads nothing more:
/// what waits on a connection is bytes within ``EdgeConfiguration/holdLimit``, not parsed requests.
final class RequestGate: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    /// What the connection is doing; the handler of exchanges changes it, too.
    var state: ConnectionState
    /// Where requests go that are read here; nil when it has left the pipeline.
    var handler: EdgeHandler?
    private let commonHeads: CommonHeadDecoder
    /// Whether NIO's decoder has been given anything since the last read was completed.
    private var hasFedDecoder = false
    /// What the request under way began with, and how long its first line is so far, in bytes.
    private(set) var firstByte: UInt8 = 0
    private(set) var firstLineByteCount = 0
    private var hasFirstLine = false
    /// Whether some of what was read is still to be looked at.
    private var hasRest = false

    private var boundary = HeadBoundary()
    /// How much of a chunked body has arrived, in bytes, framing and all.
    private var chunkedByteCount = 0
    private var held: ByteBuffer?
    private var context: ChannelHandlerContext?
    private var isFeeding = false
    /// A read that was asked for while bytes are held.
    private var isReadPending = false
    private var isStopped = false
    /// Whether the client has ended its half, behind what is held.
    private var isEndPending = false

    init(state: ConnectionState, commonHeads: CommonHeadDecoder) {
        self.state = state
        self.commonHeads = commonHeads
    }

    var holdsBytes: Bool { held != nil || hasRest }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if state.input == .closed {
            if state.discarded(byteCount: bytes.readableBytes) == .stopReading { stopReading() }
            return
        }
        if isEndPending { return }
        if held != nil || !state.takesBytes || isFeeding {
            hold(&bytes)
        } else {
            feed(&bytes)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { readCompleted(context) }

    private func readCompleted(_ context: ChannelHandlerContext) {
        if hasFedDecoder {
            hasFedDecoder = false
            context.fireChannelReadComplete()
        } else {
            handler?.readCompleted()
        }
    }

    func read(context: ChannelHandlerContext) {
        if isStopped { return }
        if held != nil {
            isReadPending = true
        } else {
            context.read()
        }
    }

    /// Reads nothing more from this client. The connection stays for as long as the client may need to take its answer:
    /// to close it over unread bytes would make the system throw the answer away.
    func stopReading() { isStopped = true }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, held != nil {
            isEndPending = true
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Takes up what is held, once the exchange under way has ended.
    func resume() {
        guard !isFeeding, state.takesBytes, let context else { return }
        if var bytes = held {
            held = nil
            feed(&bytes)
            readCompleted(context)
        }
        guard held == nil else { return }
        if isEndPending {
            isEndPending = false
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else if isReadPending {
            isReadPending = false
            context.read()
        }
    }

    /// Forgets what is held: nothing more of this client is looked at.
    func dropHeldBytes() {
        held = nil
        if isReadPending {
            isReadPending = false
            context?.read()
        }
    }

    private func hold(_ bytes: inout ByteBuffer) {
        guard (held?.readableBytes ?? 0) + bytes.readableBytes <= EdgeConfiguration.holdLimit else {
            // Only a client that has ended its half comes past the limit: the system then hands over all it has sent.
            // What lies behind the limit is lost, so nothing that comes after it may be looked at.
            isEndPending = true
            return
        }
        if held == nil { held = bytes } else { held?.writeBuffer(&bytes) }
    }

    private func feed(_ bytes: inout ByteBuffer) {
        guard let context else { return }
        isFeeding = true
        defer { (isFeeding, hasRest) = (false, false) }
        while bytes.readableBytes > 0 {
            if state.input == .idle, skipEmptyLines(&bytes) { continue }
            guard state.takesBytes, context.channel.isWritable else {
                if state.input != .closed { hold(&bytes) }
                return
            }
            if state.input == .idle, let (head, count) = commonHeads.decode(bytes) {
                bytes.moveReaderIndex(forwardBy: count)
                hasRest = bytes.readableBytes > 0
                handler?.requestArrived(head)
                continue
            }
            hasFedDecoder = true
            let count = nextCount(in: bytes)
            guard let slice = bytes.readSlice(length: count) else { return }
            hasRest = bytes.readableBytes > 0
            context.fireChannelRead(wrapInboundOut(slice))
            if state.input == .body(remaining: nil), isMostlyFraming {
                context.fireErrorCaught(HTTPParserError.invalidChunkSize)
            }
        }
    }

    /// Whether what has come of a chunked body is chunk sizes and extensions beyond all use.
    private var isMostlyFraming: Bool {
        chunkedByteCount > 8 * state.bodyByteCount + EdgeConfiguration.chunkFramingAllowance
    }

    private func measureFirstLine(in bytes: ByteBufferView) {
        bytes.withUnsafeBytes { bytes in
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
            firstLineByteCount += end ?? bytes.count
            hasFirstLine = end != nil
        }
    }

    /// Skips empty lines in front of a request (RFC 9112 section 2.2). Returns whether there was one.
    private func skipEmptyLines(_ bytes: inout ByteBuffer) -> Bool {
        guard let first = bytes.readableBytesView.first, first <= UInt8(ascii: "\r") else { return false }
        let count = bytes.readableBytesView.prefix { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }.count
        bytes.moveReaderIndex(forwardBy: count)
        return count > 0
    }

    /// How many of the bytes belong to what the connection is waiting for.
    private func nextCount(in bytes: ByteBuffer) -> Int {
        switch state.input {
        case .body(let remaining?):
            return min(max(remaining, 1), bytes.readableBytes)
        case .body(nil):
            let count = boundary.advance(over: bytes.readableBytesView).count
            chunkedByteCount += count
            return count
        case .idle, .header, .complete, .closed:
            if state.input == .idle {
                firstByte = bytes.readableBytesView.first ?? 0
                (firstLineByteCount, hasFirstLine) = (0, false)
                boundary.reset()
                chunkedByteCount = 0
                state.headerBytesArrived(now: .now())
            }
            let (count, _) = boundary.advance(over: bytes.readableBytesView)
            if !hasFirstLine { measureFirstLine(in: bytes.readableBytesView.prefix(count)) }
            return count
        }
    }
}
