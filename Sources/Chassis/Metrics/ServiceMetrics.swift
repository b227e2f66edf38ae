// SPDX-License-Identifier: Apache-2.0

import Logging
package import PrometheusMetrics
package import StructuredLogging

/// What every service tells of itself, beside its requests.
package enum ServiceMetrics {
    /// Adds the metrics of the process, the build, the log and the health checks.
    ///
    /// - Parameter revision: Of the sources that the service was built from.
    package static func register(
        in registry: MetricsRegistry, identity: LogIdentity, revision: String, writer: LogWriter, health: Health
    ) {
        ProcessMetrics.register(in: registry)
        registry.info(
            "build_info", "What runs.",
            ["version": identity.serviceVersion, "revision": revision, "swift": swiftVersion])
        registry.info(
            "target_info", "Which service it is.",
            ["service_name": identity.serviceName, "service_version": identity.serviceVersion])
        registry.observe(.counter, "log_messages_total", "Lines that were logged.", labels: ["level"]) {
            writer.lineCounts.map { MetricReading(Double($1), labels: $0.rawValue) }
        }
        registry.observe(.counter, "log_dropped_total", "Log lines dropped, as nobody read the log.") {
            [MetricReading(Double(writer.droppedCount))]
        }
        registry.observe(
            .gauge, "health_check_status", "Whether a health check passed when it was last asked.", labels: ["check"]
        ) { health.lastOutcomes.map { MetricReading($0.isHealthy ? 1 : 0, labels: $0.name) } }
    }

    private static var swiftVersion: String {
        #if swift(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }
}
