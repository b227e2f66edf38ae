# SPDX-License-Identifier: Apache-2.0
"""The database and Redis, as the service sees them."""
from grafana import GREEN, RED, YELLOW, dashboard, graph, query, row, stat, thresholds

DURATION = "db_client_operation_duration_seconds"


def errors(window, system=""):
    return f"""sum by (db_system_name) (rate({DURATION}_count{{OURS, error_type!=""{system}}}[{window}]))
        / sum by (db_system_name) (rate({DURATION}_count{{OURS{system}}}[{window}]))"""


UP = thresholds((None, RED), (1, GREEN))
YES_NO = [{"type": "value", "options": {"0": {"text": "down"}, "1": {"text": "up"}}}]

DEPENDENCIES = dashboard("dependencies", "Dependencies", "The database and Redis as the service sees them: rate, errors, latency, connections.", [
    row("Now"),
    stat("Database", "Whether every replica reaches it, with the right schema.", "none", 'min(health_check_status{OURS, check="database"})', UP, mappings=YES_NO),
    stat("Redis", "Whether every replica has a connection. Without it the service goes on, on the database alone.", "none", "min(redis_up{OURS})",
         thresholds((None, YELLOW), (1, GREEN)), mappings=YES_NO),
    stat("Statements", "Finished a second by the database.", "ops", f'sum(rate({DURATION}_count{{OURS, db_system_name="postgresql"}}[5m]))'),
    stat("Commands", "Finished a second by Redis.", "ops", f'sum(rate({DURATION}_count{{OURS, db_system_name="redis"}}[5m]))'),
    stat("Pool in use", "Of the replica that has most of its connections to the database in use.", "percentunit",
         'max(sum by (instance) (db_client_connection_count{OURS, db_system_name="postgresql", state="used"}) / sum by (instance) (db_client_connection_max{OURS}))',
         thresholds((None, GREEN), (0.7, YELLOW), (0.95, RED))),
    stat("Waiting", "Requests that wait for a connection to the database.", "none", "sum(db_client_connection_pending_requests{OURS})",
         thresholds((None, GREEN), (1, YELLOW), (50, RED))),

    row("Rate, errors, duration"),
    graph("Statements", "Finished a second by the database, by kind.", "ops",
          query(f'sum by (db_operation_name) (rate({DURATION}_count{{OURS, db_system_name="postgresql"}}[$__rate_interval]))', "{{db_operation_name}}")),
    graph("Commands", "Finished a second by Redis, by kind. EVALSHA are the scripts of the cache and of the limits.", "ops",
          query(f'sum by (db_operation_name) (rate({DURATION}_count{{OURS, db_system_name="redis"}}[$__rate_interval]))', "{{db_operation_name}}")),
    graph("Errors", "Share of statements and commands that fail.", "percentunit", query(errors("$__rate_interval"), "{{db_system_name}}"),
          limits=thresholds((None, GREEN), (0.05, RED))),
    graph("Errors by kind", "A second. Of PostgreSQL by the class of the SQLSTATE or by kind, of Redis by kind. 'cancelled' are clients that went away.", "ops",
          query(f'sum by (db_system_name, error_type) (rate({DURATION}_count{{OURS, error_type!=""}}[$__rate_interval]))', "{{db_system_name}} {{error_type}}")),
    graph("Duration of statements, p99", "By kind, from when the statement is wanted to its end, the wait for a connection included: compare it with the time of waiting below.", "s",
          query(f'histogram_quantile(0.99, sum by (le, db_operation_name) (rate({DURATION}_bucket{{OURS, db_system_name="postgresql"}}[$__rate_interval])))',
                "{{db_operation_name}}")),
    graph("Duration of commands, p99", "By kind. The service waits 20 ms for Redis, then goes on without.", "s",
          query(f'histogram_quantile(0.99, sum by (le, db_operation_name) (rate({DURATION}_bucket{{OURS, db_system_name="redis"}}[$__rate_interval])))',
                "{{db_operation_name}}"), limits=thresholds((None, GREEN), (0.02, YELLOW))),

    row("Connections to the database"),
    graph("Connections", "Of all replicas, by state, and how many there may be.", "none",
          query('sum by (state) (db_client_connection_count{OURS, db_system_name="postgresql"})', "{{state}}"),
          query("sum(db_client_connection_max{OURS})", "most")),
    graph("Waiting for a connection", "Requests, by replica. One that waits too long is a 503.", "none",
          query("db_client_connection_pending_requests{OURS}", "{{instance}}")),
    graph("Time of waiting, p99", "Before a connection is free.", "s",
          query("histogram_quantile(0.99, sum by (le) (rate(db_client_connection_wait_time_seconds_bucket{OURS}[$__rate_interval])))", "wait")),
    graph("Time to open one, p99", "Until a connection can be used, of both systems. Nothing where none is opened.", "s",
          query("histogram_quantile(0.99, sum by (le, db_system_name) (rate(db_client_connection_create_time_seconds_bucket{OURS}[$__rate_interval])))",
                "{{db_system_name}}")),
    graph("Waited in vain", "Requests that got no connection in time, a second: each was a 503.", "ops",
          query("sum by (instance) (rate(db_client_connection_timeouts_total{OURS}[$__rate_interval]))", "{{instance}}")),
    graph("Opened and lost", "Connections a minute, of both systems. Many of both: something between here and there cuts them.", "none",
          query("60 * sum by (db_system_name) (rate(db_client_connection_create_time_seconds_count{OURS}[$__rate_interval]))", "{{db_system_name}} opened"),
          query("60 * sum by (db_system_name) (rate(db_client_connection_losses_total{OURS}[$__rate_interval]))", "{{db_system_name}} lost")),

    row("Health"),
    graph("Checks", "1 passes, 0 fails. 'database' and 'drain' make a replica not ready, 'listening' and 'migrated' not started, 'event-loops' not alive; 'redis' nothing of these.", "none",
          query("min by (check) (health_check_status{OURS})", "{{check}}"), max=1),
    graph("Connections to Redis", "By replica: one for each event loop.", "none",
          query('db_client_connection_count{OURS, db_system_name="redis"}', "{{instance}}")),
])
