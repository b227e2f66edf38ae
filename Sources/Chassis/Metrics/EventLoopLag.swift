// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import PrometheusMetrics
import ServiceLifecycle
import Synchronization

/// Measures how long each event loop takes to come to what it is given: a loop that something blocks shows here.
///
/// Once in half a second; the metric is the longest of the last quarter of a minute, so that a scrape does not miss it.
package final class EventLoopLag: Service {
    private let loops: [any EventLoop]
    /// For each loop the last measurements, in nanoseconds, the oldest overwritten first.
    private let measured: Mutex<[[Int64]]>

    private static let interval = Duration.milliseconds(500)
    private static let keptCount = 30

    package init(of group: any EventLoopGroup, registry: MetricsRegistry) {
        loops = Array(group.makeIterator())
        measured = Mutex(loops.map { _ in [0] })
        registry.observe(
            .gauge, "event_loop_lag_seconds",
            "The longest time in 15 s that an event loop took to come to what it was given.", labels: ["loop"]
        ) { [weak self] in
            self?.measured.withLock { measured in
                measured.enumerated().map { MetricReading(Double($1.max() ?? 0) * 1e-9, labels: "\($0)") }
            } ?? []
        }
    }

    package func run() async throws {
        try? await cancelWhenGracefulShutdown { [self] in
            var round = 0
            while true {
                try await Task.sleep(for: Self.interval)
                for (index, loop) in loops.enumerated() {
                    let asked = NIODeadline.now()
                    let lag = try await loop.submit { (NIODeadline.now() - asked).nanoseconds }.get()
                    measured.withLock { measured in
                        if measured[index].count < Self.keptCount {
                            measured[index].append(lag)
                        } else {
                            measured[index][round % Self.keptCount] = lag
                        }
                    }
                }
                round += 1
            }
        }
    }
}
