// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceTesting
import Synchronization
import Testing

@Suite(.serialized) struct `A server of the library` {
    private static let last = "Host: a\r\nConnection: close\r\n\r\n"

    private func get(_ path: String, version: String = "1.1") -> [UInt8] {
        Array("GET \(path) HTTP/\(version)\r\n\(Self.last)".utf8)
    }

    private static func stream(_ parts: [String], length: Int? = nil) -> Response {
        Response(
            status: .ok,
            body: ResponseBody(contentLength: length) { writer in
                for part in parts { try await writer.write(ByteBuffer(string: part)) }
                try await writer.finish(nil)
            })
    }

    @Test func `a body in parts is framed as the client and the length ask for`() async throws {
        try await RunningEdge.serve { router in
            router.get("chunked") { _, _ in Self.stream(["one", "", "two", "three"]) }
            router.get("told") { _, _ in Self.stream(["one", "two"], length: 6) }
            router.get("single") { _, _ in Self.stream(["one"]) }
            router.get("short") { _, _ in Self.stream(["one", "two"], length: 7) }
            router.get("broken") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        try await writer.write(ByteBuffer(string: "one"))
                        try await writer.write(ByteBuffer(string: "two"))
                        throw CancellationError()
                    })
            }
            router.get("unfinished") { _, _ in Response(status: .ok, body: ResponseBody { _ in }) }
        } _: { port, _ in
            let wire = WireExchange(port: port)
            let chunked = String(decoding: try wire.send(get("/chunked")), as: UTF8.self)
            #expect(
                chunked.hasSuffix("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")
                    && chunked.contains("Transfer-Encoding: chunked"))
            let old = String(decoding: try wire.send(get("/chunked", version: "1.0")), as: UTF8.self)
            #expect(old.hasSuffix("\r\n\r\nonetwothree") && !old.contains("Transfer-Encoding"))
            for path in ["/told", "/single"] {
                let answer = try wire.send(get(path))
                #expect(try HTTPMessage.Response.all(in: answer).first?.text == (path == "/told" ? "onetwo" : "one"))
            }
            // What was announced is not kept: the client must see that it has not got all.
            for path in ["/short", "/broken"] {
                let cut = String(decoding: try wire.send(get(path)), as: UTF8.self)
                #expect(cut.contains("one") && !cut.hasSuffix("0\r\n\r\n"))
            }
            #expect(try HTTPMessage.Response.all(in: try wire.send(get("/unfinished"))).map(\.status) == [500])
        }
    }

    @Test func `a large answer goes to a slow client at its pace, and not into memory`() async throws {
        let part = String(repeating: "x", count: 1 << 16)
        let box = SharedCount()
        try await RunningEdge.serve { router in
            router.get("large") { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        for _ in 0..<256 {
                            try await writer.write(ByteBuffer(string: part))
                            box.count.add(1, ordering: .relaxed)
                        }
                        try await writer.finish(nil)
                    })
            }
        } _: { port, counts in
            let socket = try RawSocket(to: port, receiveBuffer: 4096)
            socket.send(get("/large"))
            try await wait(for: "the first parts") { box.count.load(ordering: .relaxed) > 0 }
            // What the system takes in, and the watermark; the rest waits for the client.
            try await Task.sleep(for: .milliseconds(200))
            #expect(box.count.load(ordering: .relaxed) < 20)
            #expect(counts.completed == 0)
            #expect(try socket.receiveToEnd().count > 256 << 16)
        }
    }

    @Test func `a verdict that comes later is kept to, and the order of answers, too`() async throws {
        try await RunningEdge.serve(middleware: { exchange in
            guard let path = exchange.request?.path, path.hasPrefix("/later") else { return .proceed }
            let eventLoop = exchange.eventLoop
            let promise = eventLoop.makePromise(of: Verdict.self)
            let verdict: Verdict = path == "/later" ? .proceed : .respond(Reply(status: .forbidden))
            eventLoop.scheduleTask(in: .milliseconds(30)) {
                if path == "/later-failed" { promise.fail(CancellationError()) } else { promise.succeed(verdict) }
            }
            return .wait(promise.futureResult)
        }) { router in
            router.get("later") { _, _ in "ok" }
            router.post("later") { request, _ in try await String(buffer: request.body.collect(upTo: 100)) }
            router.get("now") { _, _ in "now" }
        } _: { port, _ in
            let requests = ["/later", "/now", "/later-refused", "/later-failed", "/now"].map {
                "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n"
            }
            let post = "POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            let bytes = Array((requests.joined() + post).utf8) + get("/now")
            let wire = WireExchange(port: port)
            let expected = [200, 200, 403, 500, 200, 200, 200]
            let whole = try HTTPMessage.Response.all(in: try wire.send(bytes)).map(\.status)
            #expect(whole == expected)
            for (split, answer) in try await wire.sendSplit(bytes) {
                #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == expected, "split at \(split)")
            }
        }
    }

    @Test func `work that a middleware gives is done as the responder's`() async throws {
        var configuration = EdgeConfiguration()
        configuration.requestTimeout = .seconds(1)
        let load = RequestLoad(limit: 10)
        let wasCancelled = Atomic(false)
        let most = Atomic(0)
        try await RunningEdge.serve(
            configuration, load: load,
            middleware: { exchange in
                guard let path = exchange.request?.path, path.hasPrefix("/task") else { return .proceed }
                return .work {
                    most.max(load.count, ordering: .relaxed)
                    switch path {
                    case "/task-fails": throw CancellationError()
                    case "/task-hangs":
                        do { try await Task.sleep(for: .seconds(60)) } catch {
                            wasCancelled.store(true, ordering: .relaxed)
                        }
                    default: await Task.yield()
                    }
                    return Reply(status: .ok, fields: [.server: "work"], body: ByteBuffer(string: "work"))
                }
            }
        ) { router in
            router.get("now") { _, _ in "now" }
        } _: { port, counts in
            let paths = ["/task", "/now", "/task-fails", "/task", "/task-hangs"]
            let chunked = "POST /task HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            let bytes =
                Array((paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined() + chunked).utf8) + get("/now")
            let answers = try HTTPMessage.Response.all(in: try WireExchange(port: port).send(bytes))
            #expect(answers.map(\.status) == [200, 200, 500, 200, 504, 200, 200])
            #expect(answers[0].header("Server") == "work" && answers[0].text == "work")
            try await wait(for: "the end of the work") { load.count == 0 && counts.completed == 7 }
            // What was cancelled may end beside what comes next.
            #expect(wasCancelled.load(ordering: .relaxed) && (1...2).contains(most.load(ordering: .relaxed)))
        }
    }

    @Test func `a decision that comes later may change the exchange, and let it pass or not`() async throws {
        try await RunningEdge.serve(middleware: { exchange in
            let promise = exchange.eventLoop.makePromise(of: Verdict.Decision.self)
            let isRefused = exchange.request?.path == "/refused"
            exchange.eventLoop.scheduleTask(in: .milliseconds(10)) {
                promise.succeed { exchange in
                    exchange.addField(.retryAfter, "17")
                    return isRefused ? .respond(Reply(status: .tooManyRequests)) : .proceed
                }
            }
            return .decide(promise.futureResult)
        }) { router in
            router.get("now") { _, _ in "now" }
        } _: { port, counts in
            let bytes =
                Array("GET /now HTTP/1.1\r\nHost: a\r\n\r\nGET /refused HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + get("/now")
            let answers = try HTTPMessage.Response.all(in: try WireExchange(port: port).send(bytes))
            #expect(answers.map(\.status) == [200, 429, 200])
            #expect(answers.allSatisfy { $0.header("Retry-After") == "17" })
            // A client that is gone before the decision comes.
            for _ in 0..<20 {
                let gone = try RawSocket(to: port)
                gone.send(get("/now"))
                gone.reset()
            }
            try await wait(for: "every exchange's end") {
                counts.received.load(ordering: .relaxed) == counts.completed
            }
        }
    }

    @Test func `a verdict that comes after the client has ended its half is kept to`() async throws {
        try await RunningEdge.serve(middleware: { exchange in
            let promise = exchange.eventLoop.makePromise(of: Verdict.self)
            exchange.eventLoop.scheduleTask(in: .milliseconds(30)) { promise.succeed(.proceed) }
            return .wait(promise.futureResult)
        }) { router in
            router.get("now") { _, _ in "now" }
        } _: { port, _ in
            let bytes = Array("GET /now HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            for _ in 0..<5 {
                let answer = try WireExchange(port: port).send(bytes, endsHalf: true)
                #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [200])
            }
        }
    }

    @Test func `a request that is broken off is aborted when its client is gone, and refused when it ended its half`()
        async throws
    {
        try await RunningEdge.serve(routes: { _ in }) { port, counts in
            let partial = Array("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc".utf8)
            let gone = try RawSocket(to: port)
            gone.send(partial)
            try await wait(for: "the head") { counts.received.load(ordering: .relaxed) == 1 }
            gone.reset()
            try await wait(for: "the abort") { counts.outcomes.withLock { $0[.aborted] } == 1 }
            #expect(counts.statuses.withLock { $0 } == [])
            let ended = try WireExchange(port: port).send(partial, endsHalf: true)
            #expect(try HTTPMessage.Response.all(in: ended).map(\.status) == [400])
            for length in ["9223372036854775807", "9223372036854775808", "18446744073709551615"] {
                let long = Array("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\nabc".utf8)
                let answer = try HTTPMessage.Response.all(in: try WireExchange(port: port).send(long))
                #expect(answer.map(\.status) == [length.hasSuffix("07") ? 413 : 400])
            }
        }
    }

    @Test func `an answer whose rest of a request never comes is one answer`() async throws {
        try await RunningEdge.serve(middleware: { _ in .respond(Reply(status: .forbidden)) }, routes: { _ in }) {
            port, _ in
            let partial = Array("POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc".utf8)
            let answer = try WireExchange(port: port).send(partial, endsHalf: true)
            #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [403])
        }
    }

    @Test func `a body in parts is left out where there can be none, and cut where more comes than was told`()
        async throws
    {
        try await RunningEdge.serve { router in
            router.get("unchanged") { _, _ in
                var response = Self.stream(["one", "two"])
                response.status = .notModified
                return response
            }
            router.get("over") { _, _ in Self.stream(["one", "two", "three"], length: 6) }
        } _: { port, _ in
            let bytes = Array("GET /unchanged HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + get("/unchanged")
            let answers = try HTTPMessage.Response.all(in: try WireExchange(port: port).send(bytes))
            #expect(answers.map(\.status) == [304, 304])
            let over = String(decoding: try WireExchange(port: port).send(get("/over")), as: UTF8.self)
            #expect(over.contains("onetwo") && !over.contains("three"))
        }
    }

    @Test func `a client that takes an answer slowly may take longer than an answer may`() async throws {
        var configuration = EdgeConfiguration()
        configuration.requestTimeout = .milliseconds(100)
        let part = String(repeating: "x", count: 1 << 19)
        try await RunningEdge.serve(configuration) { router in
            router.get("large") { _, _ in Self.stream(Array(repeating: part, count: 4)) }
        } _: { port, _ in
            let socket = try RawSocket(to: port, receiveBuffer: 4096)
            socket.send(get("/large"))
            try await Task.sleep(for: .milliseconds(500))
            #expect(try socket.receiveToEnd().count > 4 << 19)
        }
    }

    @Test func `work whose client is gone, or whose time is up, is cancelled`() async throws {
        var configuration = EdgeConfiguration()
        configuration.requestTimeout = .milliseconds(200)
        let cancelled = SharedCount()
        try await RunningEdge.serve(configuration) { router in
            router.get("stuck") { _, _ in
                do {
                    try await Task.sleep(for: .seconds(60))
                } catch {
                    cancelled.count.add(1, ordering: .relaxed)
                    throw error
                }
                return "never"
            }
            router.get("now") { _, _ in "now" }
        } _: { port, counts in
            let bytes = Array("GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + get("/now")
            let answer = try WireExchange(port: port).send(bytes)
            #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [504, 200])
            #expect(cancelled.count.load(ordering: .relaxed) == 1)
            let socket = try RawSocket(to: port)
            socket.send(get("/stuck"))
            try await wait(for: "the request") { counts.received.load(ordering: .relaxed) == 3 }
            socket.reset()
            try await wait(for: "the cancellation") { cancelled.count.load(ordering: .relaxed) == 2 }
            #expect(counts.outcomes.withLock { $0[.aborted] } == 1)
        }
    }

    @Test func `a responder that never heeds its cancellation keeps its slot, and holds no other up`() async throws {
        var configuration = EdgeConfiguration()
        configuration.requestTimeout = .milliseconds(100)
        let load = RequestLoad()
        let gate = SharedCount()
        try await RunningEdge.serve(configuration, load: load) { router in
            router.get("deaf") { _, _ in
                while gate.count.load(ordering: .relaxed) == 0 { await Task.yield() }
                return "late"
            }
            router.get("now") { _, _ in "now" }
        } _: { port, _ in
            let bytes = Array("GET /deaf HTTP/1.1\r\nHost: a\r\n\r\n".utf8) + get("/now")
            let answer = try WireExchange(port: port).send(bytes)
            #expect(try HTTPMessage.Response.all(in: answer).map(\.status) == [504, 200])
            try await wait(for: "the slot to be the only one taken") { load.count == 1 }
            gate.count.add(1, ordering: .relaxed)
            try await wait(for: "its end") { load.count == 0 }
        }
    }

    @Test func `clients that vanish at any moment are each completed once`() async throws {
        try await RunningEdge.serve { router in
            router.get("now") { _, _ in "now" }
            router.get("soon") { _, _ in
                try await Task.sleep(for: .milliseconds(2))
                return Self.stream(["one", "two", "three"])
            }
        } _: { port, counts in
            let requests = [
                "GET /now HTTP/1.1\r\nHost: a\r\n\r\n", "GET /soon HTTP/1.1\r\nHost: a\r\n\r\n",
                "POST /now HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
                "GET /now HTTP/1.1\r\n\r\n", "GARBAGE\r\n\r\n",
                "GET /soon HTTP/1.1\r\nHost: a\r\n\r\nGET /now HTTP/1.1\r\nHost: a\r\n\r\n",
            ]
            for round in 0..<600 {
                let socket = try RawSocket(to: port)
                socket.send(requests[round % requests.count])
                if round % 3 == 0 { await Task.yield() }
                if round % 2 == 0 { socket.reset() }
            }
            try await wait(for: "every exchange completed") {
                counts.received.load(ordering: .relaxed) == counts.completed
            }
            #expect(counts.completed > 10)
        }
    }
}

/// A count that closures share.
private final class SharedCount: Sendable {
    let count = Atomic(0)
}
