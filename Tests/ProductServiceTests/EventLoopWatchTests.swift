// SPDX-License-Identifier: Apache-2.0

#if os(Linux)
import Dispatch
import Foundation
import NIOPosix
import ServiceTesting
import Testing

/// What other tests see blocked event loops with.
@Suite struct `The watch over event loops` {
    private static func watched(
        over time: Duration, _ work: @escaping @Sendable () -> Void
    ) async throws -> (blocked: Set<String>, samples: Int) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // So that the loop's thread is there.
        try await group.any().submit {}.get()
        let watch = EventLoopWatch(process: ProcessInfo.processInfo.processIdentifier)
        let stopwatch = Stopwatch()
        while stopwatch.elapsed < time { try await group.any().submit(work).get() }
        let result = watch.stop()
        try await group.shutdownGracefully()
        return result
    }

    @Test func `sees one that waits for something else than events`() async throws {
        let result = try await Self.watched(over: .seconds(1)) {
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(300))
        }
        #expect(result.blocked.count == 1)
    }

    @Test func `sees none in loops that work, or have nothing to do`() async throws {
        let result = try await Self.watched(over: .seconds(1)) {
            _ = (0..<1000).reduce(0, &+)
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(1))
        }
        #expect(result.blocked == [] && result.samples > 10)
    }
}
#endif
