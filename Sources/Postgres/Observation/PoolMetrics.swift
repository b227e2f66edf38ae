// SPDX-License-Identifier: Apache-2.0

import CoreMetrics

/// What a pool tells of itself, by the OpenTelemetry conventions for database clients. Thread-safe but for
/// ``observe(_:waiting:)``, which the reactor alone calls.
final class PoolMetrics: @unchecked Sendable {
    // Invariant: what may change is used by the reactor's thread alone.
    private let idle: Meter
    private let used: Meter
    private let pending: Meter
    private let timeouts: CoreMetrics.Counter
    private let waitTime: CoreMetrics.Timer
    private let losses: CoreMetrics.Counter
    private let createTime: CoreMetrics.Timer
    private let useTime: CoreMetrics.Timer
    private let durations: [PostgresOperationName: CoreMetrics.Timer]
    private var last: (idle: Int, used: Int, pending: Int)?

    private static let system = ("db_system_name", "postgresql")

    init(_ configuration: PostgresConfiguration) {
        let dimensions = [Self.system]
        idle = Meter(label: "db_client_connection_count", dimensions: dimensions + [("state", "idle")])
        used = Meter(label: "db_client_connection_count", dimensions: dimensions + [("state", "used")])
        pending = Meter(label: "db_client_connection_pending_requests", dimensions: dimensions)
        timeouts = CoreMetrics.Counter(label: "db_client_connection_timeouts_total", dimensions: dimensions)
        losses = CoreMetrics.Counter(label: "db_client_connection_losses_total", dimensions: dimensions)
        waitTime = CoreMetrics.Timer(label: "db_client_connection_wait_time_seconds", dimensions: dimensions)
        createTime = CoreMetrics.Timer(label: "db_client_connection_create_time_seconds", dimensions: dimensions)
        useTime = CoreMetrics.Timer(label: "db_client_connection_use_time_seconds", dimensions: dimensions)
        Meter(label: "db_client_connection_max", dimensions: dimensions).set(configuration.maximumConnectionCount)
        durations = Dictionary(
            uniqueKeysWithValues: PostgresOperationName.allCases.map { name in
                (name, Self.duration(of: name, error: nil))
            })
    }

    /// Notes how the pool stands, when that has changed.
    func observe(_ state: PoolState, waiting: Int) {
        let used = state.members.count { $0.depth > 0 || $0.phase != .ready }
        let now = (idle: state.members.count - used, used: used, pending: waiting)
        if let last, last == now { return }
        last = now
        idle.set(now.idle)
        self.used.set(now.used)
        pending.set(now.pending)
    }

    func waited(_ duration: Duration) { waitTime.recordNanoseconds(duration.nanoseconds) }

    func timedOut() { timeouts.increment() }

    func lost() { losses.increment() }

    /// A connection was opened.
    func opened(after duration: Duration) { createTime.recordNanoseconds(duration.nanoseconds) }

    /// A transaction has had a connection for itself.
    func used(_ duration: Duration) { useTime.recordNanoseconds(duration.nanoseconds) }

    /// Counts a statement, its wait for a connection included.
    func finished(_ operation: PostgresOperationName, after duration: Duration, error: PostgresError?) {
        guard let error else {
            durations[operation]?.recordNanoseconds(duration.nanoseconds)
            return
        }
        Self.duration(of: operation, error: error.metricLabel).recordNanoseconds(duration.nanoseconds)
    }

    private static func duration(of operation: PostgresOperationName, error: String?) -> CoreMetrics.Timer {
        let dimensions = [system, ("db_operation_name", operation.rawValue)]
        return CoreMetrics.Timer(
            label: "db_client_operation_duration_seconds",
            dimensions: dimensions + (error.map { [("error_type", $0)] } ?? []))
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
