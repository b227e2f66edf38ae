// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import ProductsTesting
import Testing

@testable import Edge

@Suite struct `The decoder of common heads` {
    private let configuration = EdgeConfiguration()

    /// What a request says, whoever has read it.
    private struct Reading: Equatable {
        let method: HTTPRequest.Method
        let target: String
        let path: String
        let hasValidTarget: Bool
        let minorVersion: Int
        let isKeepAlive: Bool
        let expectsContinue: Bool
        let hasBody: Bool
        let fields: [String]

        init(_ head: RequestHead) {
            method = head.method
            target = head.target
            path = String(head.path)
            hasValidTarget = head.hasValidTarget
            minorVersion = head.minorVersion
            isKeepAlive = head.isKeepAlive
            expectsContinue = head.expectsContinue
            hasBody = head.bodyLength != .told(0)
            fields = head.fields.places.map { "\(head.fields.text(at: $0.name)): \(head.fields.text(at: $0.value))" }
        }
    }

    /// What NIO's decoder makes of bytes that are one header section; nil when that is no whole request.
    private func readByNIO(_ bytes: ByteBuffer) throws -> Reading? {
        let channel = EmbeddedChannel()
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
            limitConfiguration: configuration.decoderLimits)
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        guard (try? channel.writeInbound(bytes)) != nil,
            case .head(let head)? = try channel.readInbound(as: HTTPServerRequestPart.self),
            case .end? = try channel.readInbound(as: HTTPServerRequestPart.self)
        else { return nil }
        return RequestHead(head).map(Reading.init)
    }

    /// Returns whether the decoder took the bytes, in which case the other must have made the same of them.
    private func compare(_ bytes: [UInt8]) throws -> Bool {
        let buffer = ByteBuffer(bytes: bytes)
        guard let (head, count) = CommonHeadDecoder(configuration).decode(buffer) else { return false }
        let text = String(decoding: bytes, as: UTF8.self).debugDescription
        var boundary = HeadBoundary()
        #expect(boundary.advance(over: buffer.readableBytesView) == (count, true), "\(text)")
        #expect(try readByNIO(ByteBuffer(bytes: bytes.prefix(count))) == Reading(head), "\(text)")
        return true
    }

    @Test func `makes of every request of the wire tests what NIO's makes of it, or declines`() throws {
        let taken = try `Requests on the wire`.cases.filter { try compare($0.bytes) }.map(\.name)
        // The plain ones are taken, those about bodies and broken lines are not.
        #expect(taken.contains("W1: a Host with a port") && taken.contains("W20: Connection: Close"))
        #expect(taken.contains("W1: two Hosts") && taken.contains("W6: target '/../health'"))
        #expect(!taken.contains("W20: Connection: close, te") && !taken.contains("W7: TRACE of a known path"))
        #expect(!taken.contains { $0.hasPrefix("W2:") || $0.hasPrefix("W3:") || $0.hasPrefix("W4:") }, "\(taken)")
    }

    @Test func `makes of mutated requests what NIO's makes of them, or declines`() throws {
        let mutator = RequestMutator(seed: 20_261_123)
        var takenCount = 0
        for number in 0..<200_000 where try compare(mutator.request(number: number)) { takenCount += 1 }
        #expect(takenCount > 20_000, "\(takenCount) of 200,000")
    }

    @Test func `makes of every byte at every place what NIO's makes of it, or declines`() throws {
        let request = Array(
            "GET /a/%41?b=c HTTP/1.1\r\nHost: a.b:80\r\nConnection: close\r\nX-Y: b c \r\n\r\n".utf8)
        for place in request.indices {
            for byte in UInt8.min ... .max {
                var changed = request
                changed[place] = byte
                _ = try compare(changed)
                changed = request
                changed.insert(byte, at: place)
                _ = try compare(changed)
            }
        }
    }

    @Test func `makes of fields that mean something what NIO's makes of them, or declines`() throws {
        let names = [
            "Connection", "cONNECTION", "Proxy-Connection", "Keep-Alive", "Content-Length", "cOnTeNt-LeNgTh",
            "Transfer-Encoding", "tRANSFER-eNCODING", "Upgrade", "Expect", "Trailer", "TE", "Host", "X-A",
        ]
        let values = [
            "close", "Close", "keep-alive", "KEEP-ALIVE ", "close, te", "upgrade", "0", "5", "", "chunked", "a",
        ]
        let lines = names.flatMap { name in values.map { "\(name): \($0)\r\n" } }
        for method in ["GET", "HEAD", "DELETE"] {
            for line in lines {
                for other in lines {
                    _ = try compare(Array("\(method) / HTTP/1.1\r\nHost: a\r\n\(line)\(other)\r\n".utf8))
                }
            }
        }
    }

    /// What comes back on a connection whose decoder of common heads is in use, or declines everything.
    private func answers(to pieces: [[UInt8]], usingCommonHeads: Bool) throws -> [UInt8] {
        let channel = EmbeddedChannel()
        let shared = EdgeShared(
            configuration: configuration,
            chain: MiddlewareChain {
                WireRules(configuration)
                Echo()
            }, respond: { _, _ in throw CancellationError() }, load: RequestLoad(), connections: ConnectionCount(),
            isDraining: { false })
        let timeouts = EdgeTimeouts(configuration)
        var limits = configuration
        if !usingCommonHeads { limits.maximumTargetByteCount = 0 }
        let gate = RequestGate(
            state: ConnectionState(timeouts: timeouts, now: .now()), commonHeads: CommonHeadDecoder(limits))
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
            limitConfiguration: configuration.decoderLimits)
        let finished = channel.eventLoop.makePromise(of: Void.self)
        let handler = EdgeHandler(
            shared: shared, loop: LoopContext(eventLoop: channel.eventLoop), gate: gate, timeouts: timeouts,
            peerAddress: "192.0.2.1", finished: finished)
        try channel.pipeline.syncOperations.addHandlers(gate, ByteToMessageHandler(decoder), handler)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        for piece in pieces {
            _ = try? channel.writeInbound(ByteBuffer(bytes: piece))
            channel.embeddedEventLoop.run()
        }
        var output: [UInt8] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { output += bytes.readableBytesView }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return output
    }

    /// Answers with what the request says.
    private struct Echo: EdgeMiddleware {
        func receive(_ exchange: inout Exchange) -> Verdict {
            let text = exchange.request.map { "\(Reading($0))" } ?? "none"
            return .respond(Reply(status: .ok, body: ByteBuffer(string: text)))
        }
    }

    @Test func `gives connections the answers that NIO's alone would, however their bytes are split`() throws {
        let mutator = RequestMutator(seed: 20_261_124)
        var generator = SeededGenerator(seed: 7)
        var answerCount = 0
        for number in 0..<3000 {
            let bytes = (0..<Int.random(in: 1...4, using: &generator)).flatMap {
                mutator.request(number: 4 * number + $0)
            }
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...200, using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let answers = try answers(to: pieces, usingCommonHeads: true)
            let expected = try self.answers(to: pieces, usingCommonHeads: false)
            #expect(
                Self.undated(answers) == Self.undated(expected),
                "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            if answers.starts(with: "HTTP/1.1 200".utf8) { answerCount += 1 }
        }
        #expect(answerCount > 500, "\(answerCount) of 3,000")
    }

    /// Answers without the lines that tell the time.
    private static func undated(_ answers: [UInt8]) -> [Substring] {
        String(decoding: answers, as: UTF8.self).split(separator: "\r\n").filter { !$0.hasPrefix("Date: ") }
    }

    @Test func `declines what is not whole, at every byte`() throws {
        let request = Array("GET /a HTTP/1.1\r\nHost: a\r\nUser-Agent: b c\r\n\r\n".utf8)
        let decoder = CommonHeadDecoder(configuration)
        for count in 0..<request.count { #expect(decoder.decode(ByteBuffer(bytes: request.prefix(count))) == nil) }
        #expect(decoder.decode(ByteBuffer(bytes: request + request))?.byteCount == request.count)
    }

    @Test func `declines what comes near a limit`() {
        var configuration = EdgeConfiguration()
        configuration.maximumHeaderFieldCount = 2
        configuration.maximumTargetByteCount = 100
        let decoder = CommonHeadDecoder(configuration)
        func decodes(_ lines: String) -> Bool {
            decoder.decode(ByteBuffer(string: "GET / HTTP/1.1\r\n\(lines)\r\n")) != nil
        }
        #expect(decodes("Host: a\r\nX: b\r\n"))
        #expect(!decodes("Host: a\r\nX: b\r\nY: c\r\n"))
        #expect(decodes("X: \(String(repeating: "x", count: 70))\r\n"))
        #expect(!decodes("X: \(String(repeating: "x", count: 100))\r\n"))
    }
}
