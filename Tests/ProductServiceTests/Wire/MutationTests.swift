// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProductsTesting
import ServiceTesting
import Synchronization
import Testing

@Suite(.serialized) struct `Mutated requests` {
    private static let count = 100_000
    private static let threadCount = 8

    @Test func `a hundred thousand of them each get well-formed HTTP or a close, and leave nothing behind`()
        async throws
    {
        try DescriptorLimit.raise(to: 1024)
        let service = try await RunningService.start(["--http-header-timeout", "2s", "--http-body-timeout", "2s"])
        let port = service.client.port
        // What the process takes to serve at all is not what mutations cost it.
        try await Self.run(RequestMutator(seed: 1), count: Self.count / 10, at: port)
        let (sockets, memory) = (try service.openSockets(), try service.residentKibibytes())
        try await Self.run(RequestMutator(seed: 20_261_122), count: Self.count, at: port)
        try await service.wait(forSockets: sockets + 1)
        let after = try service.residentKibibytes()
        #expect(Double(after) < Double(memory) * 1.2 + 2048, "\(memory) KiB before, \(after) KiB after")
        #expect(try await service.client.create().status == 201)
        try await service.stop()
        #expect(!service.process.log.contains(#""level":"error""#), "\(service.process.log.suffix(2000))")
    }

    private final class Failures: Sendable {
        let list = Mutex<[String]>([])
    }

    /// Sends mutations from threads of their own, so that waiting for answers holds nothing else up.
    private static func run(_ mutator: RequestMutator, count: Int, at port: Int) async throws {
        let failures = Failures()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<threadCount {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            for number in stride(from: thread, to: count, by: threadCount) {
                                let request = mutator.request(number: number)
                                guard let failure = exchange(request, number: number, at: port) else { continue }
                                let isEnough = failures.list.withLock { list in
                                    list.append("\(number): \(failure): \(String(decoding: request, as: UTF8.self))")
                                    return list.count > 10
                                }
                                if isEnough { break }
                            }
                            continuation.resume()
                        }
                    }
                }
            }
        }
        let found = failures.list.withLock { $0 }
        #expect(found.isEmpty, "\(found.first ?? "")")
    }

    /// Sends one request on a connection of its own. Returns what is wrong with what comes back.
    private static func exchange(_ request: [UInt8], number: Int, at port: Int) -> String? {
        do {
            // As many connections need more ports than one address has.
            let socket = try RawSocket(to: port, from: "127.0.0.\(2 + number % 8)")
            socket.send(request)
            socket.shutdownOutput()
            let answer = try socket.receiveToEnd(within: .seconds(10))
            // Never more answers than there may be requests.
            if answer.count(of: "\r\nX-Request-Id: ") > request.count(of: "\r\n\r\n") + 1 { return "too many answers" }
            return isWellFormed(answer) ? nil : "malformed: \(String(decoding: answer.prefix(1000), as: UTF8.self))"
        } catch {
            return "\(error)"
        }
    }

    /// Whether bytes are responses, one behind the other. Which of them answer a `HEAD` is not known any more: a body
    /// may be left out.
    private static func isWellFormed(_ answer: [UInt8]) -> Bool {
        var rest = answer[...]
        while !rest.isEmpty {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)),
                let head = try? HTTPMessage.Response(head: String(decoding: rest[..<end.lowerBound], as: UTF8.self))
            else { return false }
            rest = rest[end.upperBound...]
            let length = head.header("Content-Length").flatMap { Int($0) } ?? 0
            let isLeftOut = rest.isEmpty || rest.starts(with: Array("HTTP/1.1 ".utf8))
            if head.status >= 200, !isLeftOut {
                if rest.count < length { return false }
                rest = rest.dropFirst(length)
            }
        }
        return true
    }
}

extension [UInt8] {
    /// How often a text occurs.
    fileprivate func count(of text: String) -> Int { ranges(of: Array(text.utf8)).count }
}
