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
