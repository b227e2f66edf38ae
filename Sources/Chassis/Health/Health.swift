// SPDX-License-Identifier: Apache-2.0

package import Logging
import Synchronization

/// Answers the probes from a fixed set of checks.
///
/// Each check is asked at most once a second however many probes come, more often only until it has once succeeded, and
/// bounded by half a second: one that has not answered by then counts as failed. A change of state is logged once.
/// Thread-safe.
package final class Health: Sendable {
    /// A check's outcome.
    package struct Outcome: Sendable, Hashable {
        package let name: String
        package let isHealthy: Bool
        /// Whether a probe fails with it.
        package var isRequired = true
    }

    private let checks: [CachedCheck]
    private let draining = Atomic(false)

    private static let drainCheckName = "drain"

    package init(
        checks: [HealthCheck], logger: Logger,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.checks = checks.map { CachedCheck($0, now: now, logger: logger) }
    }

    /// Whether the service is on its way to stop.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Turns readiness false, for good.
    package func drain() { draining.store(true, ordering: .relaxed) }

    /// What the checks answered when they were last asked; healthy before that.
    package var lastOutcomes: [Outcome] {
        checks.map { Outcome(name: $0.check.name, isHealthy: $0.lastAnswer.load(ordering: .relaxed)) }
            + [Outcome(name: Self.drainCheckName, isHealthy: !isDraining)]
    }

    /// Asks the checks of a probe but those named in `excluded`, all at once, and returns their outcomes in order.
    package func outcomes(of probe: Probe, excluding excluded: Set<String> = []) async -> [Outcome] {
        let asked = checks.filter { $0.check.probes.contains(probe) && !excluded.contains($0.check.name) }
        var outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, check) in asked.enumerated() {
                group.addTask { (index, await Self.outcome(of: check)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        if probe == .readiness, !excluded.contains(Self.drainCheckName) {
            outcomes.append(Outcome(name: Self.drainCheckName, isHealthy: !isDraining))
        }
        return outcomes
    }

    /// Asks one check of a probe; nil when the probe has no check of that name.
    package func outcome(of name: String, in probe: Probe) async -> Outcome? {
        if probe == .readiness, name == Self.drainCheckName { return Outcome(name: name, isHealthy: !isDraining) }
        guard let check = checks.first(where: { $0.check.name == name && $0.check.probes.contains(probe) }) else {
            return nil
        }
        return await Self.outcome(of: check)
    }

    private static func outcome(of check: CachedCheck) async -> Outcome {
        Outcome(
            name: check.check.name, isHealthy: await check.isHealthy(), isRequired: check.check.isRequired)
    }
}
