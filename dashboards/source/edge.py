# SPDX-License-Identifier: Apache-2.0
"""What is turned away before it costs anything: bad requests, bad tokens, too many requests."""
from grafana import GREEN, RED, YELLOW, dashboard, graph, query, row, stat, thresholds

EDGE = dashboard("edge", "Edge", "Who is turned away, and why: tokens, limits, load, and what is no proper request; and the connections.", [
    row("Now"),
    stat("Connections", "Open to the API, at work or idle.", "none", "sum(http_server_connections{OURS})"),
    stat("Tokens refused", "Share of the requests with a route that needs one.", "percentunit",
         'sum(rate(auth_requests_total{OURS, result!="ok"}[5m])) / sum(rate(auth_requests_total{OURS}[5m]))',
         thresholds((None, GREEN), (0.05, YELLOW), (0.25, RED)), decimals=2),
    stat("Limited", "Requests refused with 429 a second, by address and by caller.", "reqps", 'sum(rate(ratelimit_requests_total{OURS, decision="deny"}[5m]))'),
    stat("Shed", "Requests refused with 503 a second, as too many are at work.", "reqps", "sum(rate(load_shed_total{OURS}[5m]))",
         thresholds((None, GREEN), (1, RED))),
    stat("Keys", "Keys that tokens may be signed with; the fewest of any replica.", "none", "min(auth_key_set_keys{OURS})", thresholds((None, RED), (1, GREEN))),
    stat("Keys read", "Since the keys in force were read.", "s", "max(time() - auth_key_set_loaded_timestamp_seconds{OURS})"),

    row("Tokens"),
    graph("Tokens", "A second, by what was found. 'forbidden' is a good token without the scope.", "reqps",
          query("sum by (result) (rate(auth_requests_total{OURS}[$__rate_interval]))", "{{result}}")),
    graph("Why tokens are refused", "A second. Clients are never told.", "reqps",
          query("sum by (reason) (rate(auth_failures_total{OURS}[$__rate_interval]))", "{{reason}}")),
    graph("Keys", "Keys in force, by replica. They differ for moments while keys are rotated.", "none", query("auth_key_set_keys{OURS}", "{{instance}}")),
    graph("Keys that could not be read", "Within five minutes, by replica: while it rises, the keys from before stay in force.", "none",
          query("increase(auth_key_set_reload_failures_total{OURS}[5m])", "{{instance}}"), limits=thresholds((None, GREEN), (1, RED))),

    row("Limits and load"),
    graph("Limits", "Decisions a second. 'fallback' is when Redis does not answer, and a replica decides by itself.", "reqps",
          query("sum by (limiter, decision) (rate(ratelimit_requests_total{OURS}[$__rate_interval]))", "{{limiter}} {{decision}}")),
    graph("Names remembered", "Callers and addresses that are counted. RATE_LIMIT_MAX_KEYS bounds each.", "none",
          query("sum by (limiter) (ratelimit_keys{OURS})", "{{limiter}}")),
    graph("Refused for load", "With 503 a second, by replica.", "reqps", query("rate(load_shed_total{OURS}[$__rate_interval])", "{{instance}}"),
          limits=thresholds((None, GREEN), (1, RED))),
    graph("Requests at work", "Begun and not yet answered, by replica. HTTP_MAX_IN_FLIGHT bounds those that have arrived whole.", "none", query("http_server_active_requests{OURS}", "{{instance}}")),

    row("Requests and connections"),
    graph("Refused requests", "A second: what is no proper HTTP, too large, too slow, or of no known method.", "reqps",
          query("sum by (reason) (rate(http_server_rejected_requests_total{OURS}[$__rate_interval]))", "{{reason}}")),
    graph("Requests broken off", "By clients that went away, a second, while they sent or while they were answered.", "reqps",
          query("sum by (phase) (rate(http_server_aborted_requests_total{OURS}[$__rate_interval]))", "{{phase}}")),
    graph("Connections", "To the API, by state. HTTP_MAX_CONNECTIONS bounds them for each replica.", "none",
          query("sum by (state) (http_server_connections{OURS})", "{{state}}"), stack=True),
    graph("Probes and scrapes", "A second: what Kubernetes and Prometheus ask.", "reqps",
          query("""sum by (http_route, http_response_status_code) (rate(http_server_request_duration_seconds_count{OURS, http_route=~"/(startupz|livez|readyz|metrics|health)(/.*)?"}[$__rate_interval]))""",
                "{{http_route}} {{http_response_status_code}}")),
])
