// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Reaches a connection's sink from its tasks, which run on its event loop unless a responder has gone elsewhere.
struct ResponseSinkReference: Sendable {
    private let sink: NIOLoopBound<any ResponseSink>
    private let eventLoop: any EventLoop

    /// To be called on the event loop.
    init(_ sink: any ResponseSink, eventLoop: any EventLoop) {
        self.sink = NIOLoopBound(sink, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    /// Runs `body` on the event loop: at once when this is it. Throws when the loop has shut down.
    func run<Value: Sendable>(_ body: @escaping @Sendable (any ResponseSink) -> Value) async throws -> Value {
        if eventLoop.inEventLoop { return body(sink.value) }
        return try await eventLoop.submit { body(sink.value) }.get()
    }
}
