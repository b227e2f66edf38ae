// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// What a client tells of itself, by the OpenTelemetry conventions for database clients. Thread-safe.
final class ClientMetrics: Sendable {
    private let durations: [CoreMetrics.Timer]
    private let createTime: CoreMetrics.Timer
    private let losses: CoreMetrics.Counter
    private let connections: Meter
    private let up: Meter
    private let readyCount = Mutex(0)

    private static let system = ("db_system_name", "redis")

    init() {
        let dimensions = [Self.system]
        durations = RedisOperation.allCases.map { Self.duration(of: $0, error: nil) }
        createTime = CoreMetrics.Timer(label: "db_client_connection_create_time_seconds", dimensions: dimensions)
        losses = CoreMetrics.Counter(label: "db_client_connection_losses_total", dimensions: dimensions)
        connections = Meter(label: "db_client_connection_count", dimensions: dimensions + [("state", "used")])
        up = Meter(label: "redis_up")
        connections.set(0)
        up.set(0)
    }

    /// A connection is ready for commands, or no longer.
    func readinessChanged(_ isReady: Bool) {
        readyCount.withLock { count in
            count += isReady ? 1 : -1
            connections.set(count)
            up.set(count > 0 ? 1 : 0)
        }
    }

    func opened(afterNanoseconds duration: Int64) { createTime.recordNanoseconds(duration) }

    func lost() { losses.increment() }

    func finished(_ operation: RedisOperation, afterNanoseconds duration: Int64, error: RedisError?) {
        guard let error else { return durations[operation.rawValue].recordNanoseconds(duration) }
        Self.duration(of: operation, error: error.metricLabel).recordNanoseconds(duration)
    }

    private static func duration(of operation: RedisOperation, error: String?) -> CoreMetrics.Timer {
        let dimensions = [system, ("db_operation_name", operation.name)]
        return CoreMetrics.Timer(
            label: "db_client_operation_duration_seconds",
            dimensions: dimensions + (error.map { [("error_type", $0)] } ?? []))
    }
}
