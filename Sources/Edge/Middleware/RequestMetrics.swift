// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
public import PrometheusMetrics
import Synchronization
import TraceContext
import Tracing

/// Measures every request, whoever answers it: rate, errors and duration by route, method and status; what is refused
/// and what is aborted.
///
/// Labels come from closed sets: the template of the route, never the path; methods that are not known are `_OTHER`. A
/// request of a sampled trace becomes the exemplar of its bucket.
public struct RequestMetrics: EdgeMiddleware {
    private let series: RequestSeries
    private let active: Gauge
    private let own = ActiveCount()
    private let abortedBeforeAnswer: Counter
    private let abortedInAnswer: Counter
    private let rejected: [Refusal: Counter]
    private let shed: Counter

    /// The requests under way of this listener alone.
    private final class ActiveCount: Sendable {
        let count = Atomic(0)
    }

    /// - Parameters:
    ///   - routes: Those that ``RouteMatching`` knows.
    ///   - connections: Those of the server, if they are to be shown.
    public init(registry: MetricsRegistry, routes: [RouteTemplate], connections: ConnectionCount? = nil) {
        series = RequestSeries(registry: registry, routes: routes)
        active = registry.gauge("http_server_active_requests", "Requests that are under way.")
        let aborted = registry.counter(
            "http_server_aborted_requests_total", "Requests whose client went away, before the answer or in its midst.",
            labels: ["phase"])
        abortedBeforeAnswer = aborted.with("request")
        abortedInAnswer = aborted.with("response")
        let rejections = registry.counter(
            "http_server_rejected_requests_total", "Requests that the edge refused.", labels: ["reason"])
        rejected = Dictionary(uniqueKeysWithValues: Refusal.allCases.map { ($0, rejections.with($0.rawValue)) })
        shed = registry.counter("load_shed_total", "Requests refused as too many were in flight.")
        guard let connections else { return }
        registry.observe(
            .gauge, "http_server_connections", "Open connections, with a request under way or without.",
            labels: ["state"]
        ) { [own] in
            let (open, activeCount) = (connections.count, own.count.load(ordering: .relaxed))
            return [
                MetricReading(Double(min(open, activeCount)), labels: "active"),
                MetricReading(Double(max(0, open - activeCount)), labels: "idle"),
            ]
        }
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        active.add(1)
        own.count.add(1, ordering: .relaxed)
        return .proceed
    }

    public func complete(_ exchange: inout Exchange) {
        active.add(-1)
        own.count.subtract(1, ordering: .relaxed)
        let (seconds, attoseconds) = exchange.duration.components
        let duration = Double(seconds) + Double(attoseconds) * 1e-18
        let histogram = series.histogram(for: exchange)
        if let trace = exchange.trace, trace.isSampled {
            histogram.observe(duration, exemplar: Self.exemplar(trace, duration))
        } else {
            histogram.observe(duration)
        }
        if exchange.outcome == .aborted {
            (exchange.status == nil ? abortedBeforeAnswer : abortedInAnswer).add()
        }
        guard let refusal = exchange.errorType.flatMap(Refusal.init) else { return }
        rejected[refusal]?.add()
        if refusal == .overload { shed.add() }
    }

    private static func exemplar(_ trace: SpanContext, _ duration: Double) -> Exemplar {
        Exemplar(
            traceIDHigh: trace.traceID.high, traceIDLow: trace.traceID.low, spanID: trace.spanID.value, value: duration,
            timestamp: DefaultTracerClock.now.millisecondsSinceEpoch)
    }
}
