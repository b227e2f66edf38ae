// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `The cache's promise` {
    /// How long the harness runs: `make drills` has it run longer.
    private static let limit = Duration.seconds(
        ProcessInfo.processInfo.environment["CACHE_HARNESS_SECONDS"].flatMap { Int($0) } ?? 60)

    @Test func `I1 to I8 hold under every fault`() async throws {
        let cluster = try await CacheCluster.start()
        let harness = CacheHarness(cluster)
        try await harness.seed()
        let clients = Task { await harness.run() }
        let deadline = ContinuousClock.now + Self.limit
        var round = 0
        var counts: [CacheFault: Int] = [:]
        while ContinuousClock.now < deadline {
            for fault in CacheFault.allCases.shuffled() where ContinuousClock.now < deadline || round == 0 {
                harness.expectsRefusals.store(fault.mayRefuse, ordering: .relaxed)
                try await fault.happen(to: cluster)
                counts[fault, default: 0] += 1
                try await cluster.restartEnded()
                try await Task.sleep(for: .milliseconds(300))
            }
            round += 1
            print("cache: \(Self.summary(harness))")
        }
        harness.stop()
        await clients.value
        try await harness.expectAgreement()
        print("cache: faults \(counts.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", "))")
        print("cache: \(Self.summary(harness))")
        let report = harness.history.report
        #expect(report.violationCount == 0, "\(report.violations.joined(separator: "\n"))")
        #expect(harness.unexplained == [:])
        #expect(report.unheardWrites > 0 && (report.readsBySource[.near] ?? 0) > 1000)
        try await cluster.stop()
    }

    /// What each part of the protocol is there for, and the faults that show it.
    private static let protections: [Protection] = [
        Protection("quarantine", [.exitAfterCommit], slotCount: 40),
        Protection(
            "leaseTokens", [.slowFillsAndEvictions], rest: .milliseconds(300), near: false, times: (1000, 1000)),
        Protection("generations", [.slowFillsAndEvictions]),
        Protection("proofs", [.silenceReplica]),
        Protection(
            "poison", [.slowEndsAndCut], slotCount: 8, rest: .milliseconds(300), writesInBursts: true,
            times: (300, 4000)),
        Protection("joins", [.slowFillsAndEvictions], rest: .milliseconds(300)),
        Protection("outbox", [.cutReplica]),
    ]

    /// A part of the protocol, and what shows that it is needed: faults, and writes to so many products with such
    /// pauses that what one has broken is not put right by the next at once.
    private struct Protection: Sendable {
        let name: String
        let faults: [CacheFault]
        var slotCount = 4
        var rest = Duration.milliseconds(700)
        var writesInBursts = false
        var near = true
        var times = (lease: 300, quarantine: 1000)

        init(
            _ name: String, _ faults: [CacheFault], slotCount: Int = 4, rest: Duration = .milliseconds(700),
            writesInBursts: Bool = false, near: Bool = true,
            times: (lease: Int, quarantine: Int) = (300, 1000)
        ) {
            (self.name, self.faults, self.slotCount, self.rest) = (name, faults, slotCount, rest)
            (self.writesInBursts, self.near, self.times) = (writesInBursts, near, times)
        }
    }

    @Test(arguments: protections.map(\.name))
    func `is broken without each part of the protocol`(name: String) async throws {
        let protection = try #require(Self.protections.first { $0.name == name })
        // A cluster shows what it lacks within its first rounds, or hardly ever: so another has its turn then.
        var harness = try await Self.violate(protection)
        for _ in 0..<3 where harness.history.report.violationCount == 0 { harness = try await Self.violate(protection) }
        #expect(harness.history.report.violationCount > 0, "\(Self.summary(harness))")
    }

    /// Has the faults happen to a cluster without the protection until a violation is seen, for 30 s at most.
    private static func violate(_ protection: Protection) async throws -> CacheHarness {
        let cluster = try await CacheCluster.start(
            without: protection.name, hasNear: protection.near, times: protection.times)
        let harness = CacheHarness(
            cluster, slotCount: protection.slotCount, rest: protection.rest,
            writesInBursts: protection.writesInBursts)
        try await harness.seed()
        let start = ContinuousClock.now
        // Some are only seen at rest: so there is rest again and again.
        while harness.history.report.violationCount == 0, ContinuousClock.now < start + .seconds(30) {
            let round = harness.resumed()
            let clients = Task { await round.run() }
            for fault in protection.faults {
                try await fault.happen(to: cluster)
                try await cluster.restartEnded()
            }
            round.stop()
            await clients.value
            if harness.history.report.violationCount == 0 { try await round.expectAgreement() }
        }
        let report = harness.history.report
        print(
            "cache: without \(protection.name), \(report.violationCount) violations after \(ContinuousClock.now - start): \(report.violations.first ?? "")"
        )
        try await cluster.stop()
        return harness
    }

    private static func summary(_ harness: CacheHarness) -> String {
        let report = harness.history.report
        let sources = report.readsBySource.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }
        let staleness = report.staleness.sorted { $0.key < $1.key }.map { name, age in
            "\(name) \(Int(age / .milliseconds(1))) ms"
        }
        return """
            \(report.reads) reads checked (\(sources.joined(separator: ", "))), \(report.writes) writes, \
            \(report.unheardWrites) of them unheard, largest staleness: \(staleness.joined(separator: "; ")); \
            \(report.violationCount) violations
            """
    }
}
