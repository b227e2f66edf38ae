// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import PrometheusMetrics
import ServiceLifecycle
import Synchronization

/// Measures how long each event loop takes to come to what it is given: a loop that something blocks shows here.
///
/// Each loop is asked once in half a second, whatever the others do; the metric is the longest of the last 30 answers,
/// or the time since it was asked, if that is longer.
package final class EventLoopLag: Service {
    private let loops: [any EventLoop]
    private let states: Mutex<[State]>

    private struct State {
        /// When it was asked what it has not answered yet.
        var askedAt: NIODeadline?
        /// The last answers, in nanoseconds, the oldest overwritten first.
        var lags: [Int64] = []
        var next = 0
    }

    private static let interval = Duration.milliseconds(500)
    private static let keptCount = 30

    package init(of group: any EventLoopGroup, registry: MetricsRegistry) {
        loops = Array(group.makeIterator())
        states = Mutex(loops.map { _ in State() })
        registry.observe(
            .gauge, "event_loop_lag_seconds",
            "The longest time in 15 s that an event loop took to come to what it was given.", labels: ["loop"]
        ) { [weak self] in self?.readings ?? [] }
    }

    package func run() async throws {
        try? await cancelWhenGracefulShutdown { [self] in
            while true {
                try await Task.sleep(for: Self.interval)
                for index in loops.indices { ask(index) }
            }
        }
    }

    private func ask(_ index: Int) {
        let now = NIODeadline.now()
        let isFree = states.withLock { states in
            if states[index].askedAt != nil { return false }
            states[index].askedAt = now
            return true
        }
        if isFree { loops[index].execute { [self] in answered(index, askedAt: now) } }
    }

    private func answered(_ index: Int, askedAt: NIODeadline) {
        let lag = (NIODeadline.now() - askedAt).nanoseconds
        states.withLock { states in
            states[index].askedAt = nil
            if states[index].lags.count < Self.keptCount {
                states[index].lags.append(lag)
            } else {
                states[index].lags[states[index].next] = lag
                states[index].next = (states[index].next + 1) % Self.keptCount
            }
        }
    }

    private var readings: [MetricReading] {
        let now = NIODeadline.now()
        return states.withLock { states in
            states.enumerated().map { index, state in
                let waiting = state.askedAt.map { (now - $0).nanoseconds } ?? 0
                return MetricReading(Double(max(waiting, state.lags.max() ?? 0)) * 1e-9, labels: "\(index)")
            }
        }
    }
}
