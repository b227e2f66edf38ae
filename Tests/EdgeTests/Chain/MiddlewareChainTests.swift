// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Edge

@Suite struct `The chain` {
    /// Writes down what it sees.
    private final class Journal: Sendable {
        let entries = Mutex<[String]>([])

        func note(_ entry: String) { entries.withLock { $0.append(entry) } }

        var all: [String] { entries.withLock { $0 } }
    }

    private struct Noting: EdgeMiddleware {
        let name: String
        let journal: Journal
        var verdict: @Sendable () -> Verdict = { .proceed }

        func receive(_ exchange: inout Exchange) -> Verdict {
            journal.note("\(name) in")
            return verdict()
        }

        func complete(_ exchange: inout Exchange) { journal.note("\(name) out") }
    }

    private func exchange() -> Exchange {
        Exchange(request: nil, peerAddress: "", peer: nil, eventLoop: EmbeddedEventLoop(), receivedAt: .now())
    }

    @Test func `runs in order, and back in the reverse, each once`() {
        let journal = Journal()
        let chain = MiddlewareChain {
            Noting(name: "a", journal: journal)
            Noting(name: "b", journal: journal)
            Noting(name: "c", journal: journal)
        }
        var exchange = exchange()
        guard case .proceed = chain.receive(&exchange) else { return #expect(Bool(false)) }
        chain.complete(&exchange)
        chain.complete(&exchange)
        #expect(journal.all == ["a in", "b in", "c in", "c out", "b out", "a out"])
    }

    @Test func `turns round where one answers: those behind it see nothing`() {
        let journal = Journal()
        let chain = MiddlewareChain {
            Noting(name: "a", journal: journal)
            Noting(name: "b", journal: journal) { .respond(Reply(status: .forbidden)) }
            Noting(name: "c", journal: journal)
        }
        var exchange = exchange()
        guard case .respond = chain.receive(&exchange) else { return #expect(Bool(false)) }
        chain.complete(&exchange)
        #expect(journal.all == ["a in", "b in", "b out", "a out"])
    }

    @Test func `goes on behind the one that waited`() {
        let journal = Journal()
        let eventLoop = EmbeddedEventLoop()
        let promise = eventLoop.makePromise(of: Verdict.self)
        let chain = MiddlewareChain {
            Noting(name: "a", journal: journal)
            Noting(name: "b", journal: journal) { .wait(promise.futureResult) }
            Noting(name: "c", journal: journal)
        }
        var exchange = exchange()
        guard case .wait = chain.receive(&exchange) else { return #expect(Bool(false)) }
        promise.succeed(.proceed)
        guard case .proceed = chain.receive(&exchange) else { return #expect(Bool(false)) }
        chain.complete(&exchange)
        #expect(journal.all == ["a in", "b in", "c in", "c out", "b out", "a out"])
    }

    @Test func `without a link lets all pass`() {
        let chain = MiddlewareChain {}
        var exchange = exchange()
        guard case .proceed = chain.receive(&exchange) else { return #expect(Bool(false)) }
    }
}
