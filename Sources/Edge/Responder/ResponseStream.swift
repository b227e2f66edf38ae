// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// Takes the body of a responder's answer: one that comes in a single part is written with the header section at once.
struct ResponseStream: ResponseBodyWriter {
    private let sink: NIOLoopBound<any ResponseSink>
    private let number: Int
    private let head: HTTPResponse
    private let length: Int?
    private var first: ByteBuffer?
    private var hasBegun = false

    init(sink: NIOLoopBound<any ResponseSink>, number: Int, head: HTTPResponse, length: Int?) {
        self.sink = sink
        self.number = number
        self.head = head
        self.length = length
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        if !hasBegun, first == nil {
            first = buffer
            return
        }
        if !hasBegun {
            hasBegun = true
            guard sink.value.beginStream(head, length: length, number: number) else {
                throw ChannelError.ioOnClosedChannel
            }
            if let first { try await writePart(first) }
            first = nil
        }
        try await writePart(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        if hasBegun {
            sink.value.endStream(number: number)
        } else {
            sink.value.respond(head, body: first ?? ByteBuffer(), number: number)
        }
    }

    private func writePart(_ buffer: ByteBuffer) async throws {
        try await sink.value.writePart(buffer, number: number)?.get()
    }
}
