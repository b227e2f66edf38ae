// SPDX-License-Identifier: Apache-2.0

package import Edge
package import Hummingbird
package import PrometheusMetrics

/// What operators ask a service: the probes and the metrics. On the admin listener when there is one, else with the
/// API.
package struct OperationRoutes: Sendable {
    private let probes: ProbeRoutes
    private let metrics: MetricsRoute

    package init(health: Health, scrape: MetricsScrape) {
        probes = ProbeRoutes(health: health)
        metrics = MetricsRoute(scrape: scrape)
    }

    /// The templates and methods of the routes.
    package static let routes = ProbeRoutes.routes + [MetricsRoute.route]

    package func add(to router: Router<some RequestContext>) {
        probes.add(to: router)
        metrics.add(to: router)
    }
}
