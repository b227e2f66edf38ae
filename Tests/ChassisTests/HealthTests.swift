// SPDX-License-Identifier: Apache-2.0

import Chassis
import Dispatch
import Logging
import NIOPosix
import Synchronization
import Testing

@Suite struct `The health of a service` {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A check whose answer is set, and that counts how often it is asked.
    private final class CountedCheck: Sendable {
        let state = Mutex<(problem: String?, count: Int)>((nil, 0))

        func check(in probes: Set<Probe>) -> HealthCheck {
            HealthCheck("counted", in: probes) { [self] in
                state.withLock {
                    $0.count += 1
                    return $0.problem
                }
            }
        }
    }

    /// A clock that stands where it is set.
    private final class StandingClock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by duration: Duration) { instant.withLock { $0 += duration } }
    }

    @Test func `K6: however many probes come, a check is asked once a second`() async {
        let counted = CountedCheck()
        let clock = StandingClock()
        let health = Health(checks: [counted.check(in: [.readiness])], logger: Self.quiet) { clock.now }
        await withTaskGroup { group in
            for _ in 0..<100 { group.addTask { _ = await health.outcomes(of: .readiness) } }
        }
        #expect(counted.state.withLock { $0.count } == 1)
        counted.state.withLock { $0.problem = "broken" }
        clock.advance(by: .milliseconds(999))
        #expect(await health.outcomes(of: .readiness).allSatisfy(\.isHealthy))
        clock.advance(by: .milliseconds(1))
        #expect(await health.outcomes(of: .readiness).map(\.isHealthy) == [false, true])
        #expect(counted.state.withLock { $0.count } == 2)
    }

    @Test func `a check that has not succeeded yet is asked again soon, and ever more seldom`() async {
        let counted = CountedCheck()
        counted.state.withLock { $0.problem = "starting" }
        let clock = StandingClock()
        let health = Health(checks: [counted.check(in: [.readiness])], logger: Self.quiet) { clock.now }
        for (index, pause) in [0, 5, 10, 20, 40, 80, 160, 320, 640, 1000].enumerated() {
            // A moment before, it is not asked.
            clock.advance(by: .milliseconds(max(0, pause - 1)))
            _ = await health.outcomes(of: .readiness)
            clock.advance(by: .milliseconds(1))
            #expect(await health.outcomes(of: .readiness).first?.isHealthy == false)
            #expect(counted.state.withLock { $0.count } == index + 1)
        }
        counted.state.withLock { $0.problem = nil }
        clock.advance(by: .seconds(1))
        #expect(await health.outcomes(of: .readiness).allSatisfy(\.isHealthy))
        clock.advance(by: .milliseconds(999))
        _ = await health.outcomes(of: .readiness)
        #expect(counted.state.withLock { $0.count } == 11)
    }

    @Test func `the time that one asking was given does not end a later one`() async throws {
        let clock = StandingClock()
        let calls = Atomic(0)
        let check = HealthCheck("slow", in: [.readiness]) {
            // The first fails at once; the second takes longer than what is left of the first's time.
            if calls.add(1, ordering: .relaxed).newValue == 1 { return "starting" }
            try? await Task.sleep(for: .milliseconds(200))
            return nil
        }
        let health = Health(checks: [check], logger: Self.quiet) { clock.now }
        #expect(await health.outcomes(of: .readiness).first?.isHealthy == false)
        try await Task.sleep(for: .milliseconds(400))
        clock.advance(by: .seconds(1))
        #expect(await health.outcomes(of: .readiness).first?.isHealthy == true)
    }

    @Test func `a check that hangs counts as failed, and is not asked again meanwhile`() async {
        let clock = StandingClock()
        let counted = CountedCheck()
        let (release, continuation) = AsyncStream.makeStream(of: Void.self)
        let hanging = HealthCheck("hanging", in: [.readiness]) {
            counted.state.withLock { $0.count += 1 }
            for await _ in release {}
            return nil
        }
        let health = Health(checks: [hanging], logger: Self.quiet) { clock.now }
        for _ in 0..<3 {
            #expect(await health.outcome(of: "hanging", in: .readiness)?.isHealthy == false)
            clock.advance(by: .seconds(2))
        }
        #expect(counted.state.withLock { $0.count } == 1)
        continuation.finish()
    }

    @Test func `draining turns readiness false, and nothing else`() async {
        let health = Health(checks: [.eventLoops(of: MultiThreadedEventLoopGroup.singleton)], logger: Self.quiet)
        #expect(await health.outcomes(of: .readiness).allSatisfy(\.isHealthy))
        health.drain()
        #expect(await health.outcomes(of: .readiness).map(\.isHealthy) == [false])
        #expect(await health.outcomes(of: .liveness).map(\.isHealthy) == [true])
        #expect(await health.outcomes(of: .startup).isEmpty)
        #expect(await health.outcomes(of: .readiness, excluding: ["drain"]).isEmpty)
        #expect(await health.outcome(of: "drain", in: .readiness)?.isHealthy == false)
        #expect(await health.outcome(of: "event-loops", in: .readiness) == nil)
    }

    @Test func `K8: liveness fails when an event loop is blocked`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let health = Health(checks: [.eventLoops(of: group)], logger: Self.quiet)
        let release = DispatchSemaphore(value: 0)
        group.next().execute { release.wait() }
        #expect(await health.outcomes(of: .liveness).map(\.isHealthy) == [false])
        release.signal()
        try await group.shutdownGracefully()
    }
}
