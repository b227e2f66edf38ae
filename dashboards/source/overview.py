# SPDX-License-Identifier: Apache-2.0
"""What clients see: rate, errors, duration, and what is left of the promise."""
from grafana import GREEN, RED, YELLOW, dashboard, graph, heatmap, query, row, stat, thresholds

BUDGET = thresholds((None, RED), (0, YELLOW), (0.5, GREEN))

OVERVIEW = dashboard("overview", "Overview", "What clients see of the service, and what is left of its promise. Start here.", [
    row("Now"),
    stat("Error budget left", "Of 30 days: 99.9 % of requests are answered with another status than 5xx; every five minutes with requests count alike. Below 0 the promise is broken. Requests that reach no replica are the ingress's to count.",
         "percentunit", '1 - avg(avg_over_time(job:slo_errors_per_request:ratio_rate5m{namespace=~"$namespace", job=~"$job"}[30d])) / 0.001', BUDGET,
         decimals=1, max=1),
    stat("Latency budget left", "Of 30 days: 99 % of the requests that did not fail are answered within 100 ms; every five minutes with requests count alike. Below 0 the promise is broken.",
         "percentunit", '1 - avg(avg_over_time(job:slo_slow_per_request:ratio_rate5m{namespace=~"$namespace", job=~"$job"}[30d])) / 0.01', BUDGET,
         decimals=1, max=1),
    stat("Requests", "Answered a second, without probes and scrapes.", "reqps",
         "sum(rate(http_server_request_duration_seconds_count{CLIENTS}[5m]))"),
    stat("Errors", "Share of requests answered with 5xx.", "percentunit",
         """sum(rate(http_server_request_duration_seconds_count{CLIENTS, http_response_status_code=~"5.."}[5m]))
         / sum(rate(http_server_request_duration_seconds_count{CLIENTS}[5m]))""",
         thresholds((None, GREEN), (0.001, YELLOW), (0.0144, RED)), decimals=2),
    stat("p99", "The time within which 99 of 100 requests are answered.", "s",
         "histogram_quantile(0.99, sum by (le) (rate(http_server_request_duration_seconds_bucket{CLIENTS}[5m])))",
         thresholds((None, GREEN), (0.1, YELLOW), (0.5, RED))),
    stat("Replicas", "Replicas that Prometheus reaches.", "none", "sum(up{OURS})", thresholds((None, RED), (1, YELLOW), (2, GREEN))),

    row("Rate, errors, duration"),
    graph("Requests by route", "Answered a second. 'unmatched' is every path that is no route.", "reqps",
          query("sum by (http_request_method, http_route) (rate(http_server_request_duration_seconds_count{CLIENTS}[$__rate_interval]))",
                "{{http_request_method}} {{http_route}}"), stack=True),
    graph("Errors by route", "Answered with 5xx a second, by what went wrong. 503 is refused or unavailable, 504 too late.", "reqps",
          query("""sum by (http_route, error_type) (rate(http_server_request_duration_seconds_count{CLIENTS, http_response_status_code=~"5.."}[$__rate_interval]))""",
                "{{http_route}} {{error_type}}"), stack=True),
    graph("Duration by route, p99", "From the request's first byte to the answer's last. The line is the promise's 100 ms.", "s",
          query("histogram_quantile(0.99, sum by (le, http_route) (rate(http_server_request_duration_seconds_bucket{CLIENTS}[$__rate_interval])))",
                "{{http_route}}", exemplar=True), limits=thresholds((None, GREEN), (0.1, YELLOW))),
    graph("Duration, p50, p90, p99", "Of all requests of clients.", "s",
          *[query(f"histogram_quantile({share}, sum by (le) (rate(http_server_request_duration_seconds_bucket{{CLIENTS}}[$__rate_interval])))", name)
            for share, name in [(0.5, "p50"), (0.9, "p90"), (0.99, "p99")]], limits=thresholds((None, GREEN), (0.1, YELLOW))),
    heatmap("Durations", "How many requests took how long; the dots are recorded traces: click one for its id, and find it in the log by trace_id.", "s",
            "sum by (le) (increase(http_server_request_duration_seconds_bucket{CLIENTS}[$__rate_interval]))"),
    graph("Answers by status", "Answered a second.", "reqps",
          query("sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count{CLIENTS}[$__rate_interval]))",
                "{{http_response_status_code}}"), stack=True),
    graph("Requests at work", "Begun and not yet answered, by replica, those included whose body is still on its way. HTTP_MAX_IN_FLIGHT bounds those that have arrived whole.", "none",
          query("http_server_active_requests{OURS}", "{{instance}}")),

    row("The promise"),
    graph("Error budget burnt", "1 is as fast as the promise allows. An engineer is paged above 14.4 over an hour and above 6 over six.", "none",
          *[query(f'job:slo_errors_per_request:ratio_rate{window}{{namespace=~"$namespace", job=~"$job"}} / 0.001', window) for window in ["1h", "6h", "1d", "3d"]],
          limits=thresholds((None, GREEN), (1, YELLOW), (14.4, RED))),
    graph("Latency budget burnt", "1 is as fast as the promise allows. An engineer is paged above 14.4 over an hour and above 6 over six.", "none",
          *[query(f'job:slo_slow_per_request:ratio_rate{window}{{namespace=~"$namespace", job=~"$job"}} / 0.01', window) for window in ["1h", "6h", "1d", "3d"]],
          limits=thresholds((None, GREEN), (1, YELLOW), (14.4, RED))),
])
