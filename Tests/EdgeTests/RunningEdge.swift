// SPDX-License-Identifier: Apache-2.0

import Edge
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import ServiceTesting
import Synchronization
import Testing

/// A server of the library on a free port, for one test.
enum RunningEdge {
    /// Counts what comes in and what is completed.
    struct Tally: EdgeMiddleware {
        final class Counts: Sendable {
            let received = Atomic(0)
            let outcomes = Mutex<[Exchange.Outcome: Int]>([:])
            let statuses = Mutex<[Int]>([])

            var completed: Int { outcomes.withLock { $0.values.reduce(0, +) } }
        }

        let counts = Counts()

        func receive(_ exchange: inout Exchange) -> Verdict {
            counts.received.add(1, ordering: .relaxed)
            return .proceed
        }

        func complete(_ exchange: inout Exchange) {
            counts.outcomes.withLock { $0[exchange.outcome, default: 0] += 1 }
            if let status = exchange.status { counts.statuses.withLock { $0.append(status.code) } }
        }
    }

    /// Answers what a test gives it, from another middleware.
    struct Custom: EdgeMiddleware {
        let answer: @Sendable (inout Exchange) -> Verdict

        func receive(_ exchange: inout Exchange) -> Verdict { answer(&exchange) }
    }

    /// Runs `body` with the port of a server of these routes, and what its first middleware counts.
    static func serve(
        _ configuration: EdgeConfiguration = EdgeConfiguration(), load: RequestLoad = RequestLoad(),
        middleware: @escaping @Sendable (inout Exchange) -> Verdict = { _ in .proceed },
        routes: (Router<BasicRequestContext>) -> Void,
        _ body: (Int, Tally.Counts) async throws -> Void
    ) async throws {
        let router = Router()
        routes(router)
        let tally = Tally()
        let chain = MiddlewareChain {
            tally
            RequestIdentity()
            WireRules(configuration)
            Custom(answer: middleware)
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = EdgeServer(
            address: .hostname("127.0.0.1", port: 0), configuration: configuration, chain: chain,
            responder: router.buildResponder(), load: load,
            onRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = await iterator.next() ?? 0
            do {
                try await body(port, tally.counts)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        // Whatever happened on the way: each exchange was completed, and once. A connection that is accepted as the
        // server stops may outlive it for a moment.
        try await wait(for: "the end of every exchange") {
            tally.counts.received.load(ordering: .relaxed) == tally.counts.completed
        }
        #expect(tally.counts.received.load(ordering: .relaxed) == tally.counts.completed)
        #expect(load.count == 0)
    }
}
