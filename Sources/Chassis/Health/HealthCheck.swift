// SPDX-License-Identifier: Apache-2.0

/// A named question about the service's health.
package struct HealthCheck: Sendable {
    /// The name in probes and logs: lower-case words joined with hyphens.
    package let name: String
    /// Which probes ask it.
    package let probes: Set<Probe>
    /// Whether a probe fails with it; if not, its answer is only told.
    package let isRequired: Bool
    /// Answers the question: nil when all is well, else what is wrong, in words for the log.
    let problem: @Sendable () async -> String?

    package init(
        _ name: String, in probes: Set<Probe>, isRequired: Bool = true, problem: @escaping @Sendable () async -> String?
    ) {
        self.name = name
        self.probes = probes
        self.isRequired = isRequired
        self.problem = problem
    }
}

/// What Kubernetes asks of a container.
package enum Probe: String, Sendable, Hashable, CaseIterable {
    /// Whether it has started.
    case startup = "startupz"
    /// Whether it works at all; a no has it restarted. Never depends on another system.
    case liveness = "livez"
    /// Whether it should be sent requests.
    case readiness = "readyz"
}
