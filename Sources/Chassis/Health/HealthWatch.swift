// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle

/// Asks every health check now and then, so that the log and the metrics tell of a failure also when nobody probes.
package struct HealthWatch: Service {
    private let health: Health

    private static let interval = Duration.seconds(5)

    package init(health: Health) { self.health = health }

    package func run() async throws {
        try? await cancelWhenGracefulShutdown { [health] in
            while true {
                try await Task.sleep(for: Self.interval)
                for probe in Probe.allCases { _ = await health.outcomes(of: probe) }
            }
        }
    }
}
