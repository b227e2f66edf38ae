// SPDX-License-Identifier: Apache-2.0

import Edge
import Hummingbird
import NIOCore
import ServiceTesting
import Synchronization
import Testing

@Suite struct `Overload` {
    /// Holds requests until it is opened.
    private final class Barrier: Sendable {
        private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

        var waitingCount: Int { state.withLock { $0.waiting.count } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                defer { state = (true, []) }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func request(_ method: String) -> String {
        "\(method) /held HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
    }

    @Test func `L18: a flood of reads leaves a fifth of the places to writes`() async throws {
        let barrier = Barrier()
        try await RunningEdge.serve(load: RequestLoad(limit: 10)) { router in
            router.get("held") { _, _ in
                await barrier.pass()
                return "read"
            }
            router.post("held") { _, _ in
                await barrier.pass()
                return "written"
            }
        } _: { port, _ in
            var held = try (0..<8).map { _ in try RawSocket(to: port) }
            for socket in held { socket.send(request("GET")) }
            try await wait(for: "eight reads") { barrier.waitingCount == 8 }
            // Reads are full, and writes have two places.
            for _ in 0..<20 {
                let answer = try WireExchange(port: port).send(Array(request("GET").utf8), endsHalf: true)
                let refused = try #require(try HTTPMessage.Response.all(in: answer).first)
                #expect(refused.status == 503 && refused.header("Retry-After") == "1")
            }
            let writers = try (0..<2).map { _ in try RawSocket(to: port) }
            for socket in writers { socket.send(request("POST")) }
            try await wait(for: "two writes") { barrier.waitingCount == 10 }
            let answer = try WireExchange(port: port).send(Array(request("POST").utf8), endsHalf: true)
            #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [503])
            barrier.open()
            held += writers
            for socket in held {
                socket.shutdownOutput()
                #expect(try HTTPMessage.Response.all(in: try socket.receiveToEnd()).map(\.status) == [200])
            }
            // L17: behind it all is as before.
            for method in ["GET", "POST"] {
                let answer = try WireExchange(port: port).send(Array(request(method).utf8), endsHalf: true)
                #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [200])
            }
        }
    }
}
