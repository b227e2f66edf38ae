// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
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
        #expect(taken.contains("W1: two Hosts") && taken.contains("W6: target '/a/../b'") == false)
        #expect(!taken.contains { $0.hasPrefix("W2:") || $0.hasPrefix("W3:") || $0.hasPrefix("W4:") }, "\(taken)")
    }

    @Test func `makes of mutated requests what NIO's makes of them, or declines`() throws {
        let mutator = RequestMutator(seed: 20_261_123)
        var takenCount = 0
        for number in 0..<200_000 where try compare(mutator.request(number: number)) { takenCount += 1 }
        #expect(takenCount > 20_000, "\(takenCount) of 200,000")
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
