// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import PrometheusMetrics
import Synchronization

/// The duration histogram's series, found by route, method and status without a lock and without putting labels
/// together.
///
/// For the usual statuses; the others, and failures, are looked up by their labels. Series of what a service route
/// answers when all is well, and when it fails, are there from the start, so that the first failure is seen as a
/// change. Thread-safe.
final class RequestSeries: @unchecked Sendable {
    // Unchecked: the pointer never changes, and what it points to are atomics, initialised before anyone sees it, and
    // deinitialised and deallocated behind the last reference.
    private let table: UnsafeMutablePointer<AtomicLazyReference<Histogram>>
    private let count: Int
    private let vector: MetricVector<Histogram>
    private let routes: [RouteTemplate]

    static let unmatchedRoute = "unmatched"

    private static let statuses = [
        200, 201, 202, 204, 206, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 414, 415,
        417,
        422, 428, 429, 431,
    ]
    /// The place of each status from 0 to 511 among the usual ones; 255 for the others.
    private static let placeOfStatus: [UInt8] = (0..<512).map { code in
        statuses.firstIndex(of: code).map { UInt8($0) } ?? 255
    }

    init(registry: MetricsRegistry, routes: [RouteTemplate]) {
        vector = registry.histogram(
            "http_server_request_duration_seconds",
            "How long requests took, from their header to the end of the answer.",
            labels: ["http_request_method", "http_route", "http_response_status_code", "error_type"])
        self.routes = routes
        count = (routes.count + 1) * MethodLabel.count * Self.statuses.count
        table = .allocate(capacity: count)
        for index in 0..<count { (table + index).initialize(to: AtomicLazyReference()) }
        for route in routes where route.purpose == .service {
            for method in route.methods { begin(route, method) }
        }
    }

    deinit {
        table.deinitialize(count: count)
        table.deallocate()
    }

    /// Makes the series that are to be there from the start.
    private func begin(_ route: RouteTemplate, _ method: HTTPRequest.Method) {
        let success = method == .post ? "201" : method == .delete ? "204" : "200"
        _ = vector.with(method.rawValue, route.path, success, "")
        for (status, failure) in [("500", "500"), ("503", "503"), ("504", Refusal.requestTimeout.rawValue)] {
            _ = vector.with(method.rawValue, route.path, status, failure)
        }
    }

    func histogram(for exchange: Exchange) -> Histogram {
        let method = MethodLabel.index(of: exchange.request?.method)
        let route = exchange.route.flatMap { route in routes.firstIndex { $0.path == route.path } } ?? routes.count
        let status = exchange.status?.code ?? 0
        if let failure = exchange.failureType {
            return resolve(method: method, route: route, status: status, failure: failure)
        }
        let place = Int(Self.placeOfStatus[status & 511])
        guard place < Self.statuses.count else {
            return resolve(method: method, route: route, status: status, failure: "")
        }
        let index = (route * MethodLabel.count + method) * Self.statuses.count + place
        if let known = table[index].load() { return known }
        return table[index].storeIfNil(resolve(method: method, route: route, status: status, failure: ""))
    }

    private func resolve(method: Int, route: Int, status: Int, failure: String) -> Histogram {
        vector.with(
            MethodLabel.name(at: method), route < routes.count ? routes[route].path : Self.unmatchedRoute,
            status == 0 ? "" : "\(status)", failure)
    }
}
