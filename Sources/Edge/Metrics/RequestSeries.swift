// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import PrometheusMetrics
import Synchronization

/// The duration histogram's series, found without putting labels together: by route, method and status. Thread-safe.
final class RequestSeries: Sendable {
    private let vector: MetricVector<Histogram>
    private let routes: [RouteTemplate]
    /// For each route, and for what is of none, the series by method and status.
    private let series: [SeriesOfRoute]

    static let unmatchedRoute = "unmatched"

    private final class SeriesOfRoute: Sendable {
        let known = Mutex<[Int: Histogram]>([:])
    }

    init(registry: MetricsRegistry, routes: [RouteTemplate]) {
        vector = registry.histogram(
            "http_server_request_duration_seconds",
            "How long requests took, from their header to the end of the answer.",
            labels: ["http_request_method", "http_route", "http_response_status_code", "error_type"])
        self.routes = routes
        series = (0...routes.count).map { _ in SeriesOfRoute() }
    }

    func histogram(for exchange: Exchange) -> Histogram {
        let method = MethodLabel.index(of: exchange.request?.method)
        let route = exchange.route.flatMap { route in routes.firstIndex { $0.path == route.path } } ?? routes.count
        let failure = exchange.failureType
        let status = exchange.status?.code ?? 0
        if let failure { return resolve(method: method, route: route, status: status, failure: failure) }
        return series[route].known.withLock { known in
            let key = method << 16 | status
            if let histogram = known[key] { return histogram }
            let histogram = resolve(method: method, route: route, status: status, failure: "")
            known[key] = histogram
            return histogram
        }
    }

    private func resolve(method: Int, route: Int, status: Int, failure: String) -> Histogram {
        vector.with(
            MethodLabel.name(at: method), route < routes.count ? routes[route].path : Self.unmatchedRoute,
            status == 0 ? "" : "\(status)", failure)
    }
}
