// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// Takes the body of a responder's answer: one that comes in a single part is written with the header section at once.
struct ResponseStream: ResponseBodyWriter {
    private let sink: ResponseSinkReference
    private let number: Int
    private let head: HTTPResponse
    private let length: Int?
    private var first: ByteBuffer?
    private var hasBegun = false

    init(sink: ResponseSinkReference, number: Int, head: HTTPResponse, length: Int?) {
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
            let isWaitedFor = try await sink.run { [head, length, number] (sink: any ResponseSink) -> Bool in
                sink.beginStream(head, length: length, number: number)
            }
            guard isWaitedFor else { throw ChannelError.ioOnClosedChannel }
            if let first { try await writePart(first) }
            first = nil
        }
        try await writePart(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let (number, head, body) = (number, head, first ?? ByteBuffer())
        if hasBegun {
            try await sink.run { (sink: any ResponseSink) in sink.endStream(number: number) }
        } else {
            try await sink.run { (sink: any ResponseSink) in sink.respond(head, body: body, number: number) }
        }
    }

    private func writePart(_ buffer: ByteBuffer) async throws {
        let wait = try await sink.run { [number] (sink: any ResponseSink) -> EventLoopFuture<Void>? in
            sink.writePart(buffer, number: number)
        }
        try await wait?.get()
    }
}
