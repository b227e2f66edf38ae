# SPDX-License-Identifier: Apache-2.0
"""The processes themselves: what they use, and how well they keep up."""
from grafana import GREEN, RED, YELLOW, dashboard, graph, query, row, stat, table, thresholds

RUNTIME = dashboard("runtime", "Runtime", "The processes: processor, memory, descriptors, event loops, log and metrics.", [
    row("Now"),
    stat("Processor", "Processors in use by all replicas.", "none", "sum(rate(process_cpu_seconds_total{OURS}[5m]))", decimals=2),
    stat("Memory", "Of the largest replica, resident.", "bytes", "max(process_resident_memory_bytes{OURS})",
         thresholds((None, GREEN), (400 << 20, YELLOW), (480 << 20, RED))),
    stat("Descriptors", "Of the replica that has most of those it may have open.", "percentunit", "max(process_open_fds{OURS} / process_max_fds{OURS})",
         thresholds((None, GREEN), (0.5, YELLOW), (0.8, RED))),
    stat("Event-loop lag", "Of the slowest loop: by how much it is late.", "s", "max(event_loop_lag_seconds{OURS})",
         thresholds((None, GREEN), (0.01, YELLOW), (0.1, RED))),
    stat("Youngest", "Since the last start of a replica.", "s", "min(time() - process_start_time_seconds{OURS})", thresholds((None, YELLOW), (600, GREEN))),
    stat("Starts", "Within the last hour; a rollout is one for each replica.", "none", "sum(changes(process_start_time_seconds{OURS}[1h]))",
         thresholds((None, GREEN), (3, YELLOW))),

    row("What the processes use"),
    graph("Processor", "Processors in use, by replica.", "none", query("rate(process_cpu_seconds_total{OURS}[$__rate_interval])", "{{instance}}")),
    graph("Memory", "Resident, by replica. The manifests' limit is 512 MiB.", "bytes", query("process_resident_memory_bytes{OURS}", "{{instance}}"),
          limits=thresholds((None, GREEN), (512 << 20, RED))),
    graph("Descriptors", "Open, and how many may be, by replica.", "none", query("process_open_fds{OURS}", "{{instance}}"),
          query("min(process_max_fds{OURS})", "most")),
    graph("Threads", "By replica: one for each event loop, and a few.", "none", query("process_threads{OURS}", "{{instance}}")),
    graph("Event-loop lag", "By how much the slowest loop of each replica is late with what is due.", "s",
          query("max by (instance) (event_loop_lag_seconds{OURS})", "{{instance}}"), limits=thresholds((None, GREEN), (0.1, RED))),
    graph("Address space", "Virtual memory, by replica: of interest only when it grows without end.", "bytes",
          query("process_virtual_memory_bytes{OURS}", "{{instance}}")),

    row("Log and metrics"),
    graph("Log lines", "A second, by level.", "ops", query("sum by (level) (rate(log_messages_total{OURS}[$__rate_interval]))", "{{level}}")),
    graph("Log lines lost", "A second: dropped, as whoever reads the log is too slow. No request waits for the log.", "ops",
          query("rate(log_dropped_total{OURS}[$__rate_interval])", "{{instance}}"), limits=thresholds((None, GREEN), (1, RED))),
    graph("Series", "By replica. They come from closed sets: they grow for a while after a start, and then no more.", "none",
          query("metrics_series{OURS}", "{{instance}}"), limits=thresholds((None, GREEN), (1500, RED))),
    graph("Time of a scrape, p99", "Within the process.", "s",
          query("histogram_quantile(0.99, sum by (le) (rate(metrics_scrape_duration_seconds_bucket{OURS}[$__rate_interval])))", "scrape")),

    row("What runs"),
    table("Builds", "What each replica was built from.", "build_info{OURS}", ["instance", "version", "revision", "swift"]),
    graph("Starts", "When each replica started, as its age.", "s", query("time() - process_start_time_seconds{OURS}", "{{instance}}")),
])
