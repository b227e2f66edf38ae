# SPDX-License-Identifier: Apache-2.0
"""What the two tiers of the cache save, and how old what they serve may be."""
from grafana import GREEN, RED, YELLOW, dashboard, graph, query, row, stat, thresholds

HITS = 'sum(rate(cache_requests_total{OURS, result=~"hit|negative"%s}[%s]))'
READS = "(" + HITS % ("", "%s") + " + sum(rate(cache_loads_coalesced_total{OURS}[%s])) + sum(rate(cache_loads_total{OURS}[%s])))"


def share(window, tier=""):
    tier = f', tier="{tier}"' if tier else ""
    return (HITS % (tier, window)) + " / " + (READS % (window, window, window))


CACHE = dashboard("cache", "Cache", "What the cache in the process (near) and the one in Redis save the database, and how old an answer may be.", [
    row("Now"),
    stat("Hits", "Share of the reads of single products that either tier answers; that there is no such product is an answer, too.", "percentunit",
         share("5m"), thresholds((None, RED), (0.5, YELLOW), (0.8, GREEN)), decimals=1),
    stat("Reads of the store", "Reads of single products that went to the database, a second.", "ops", "sum(rate(cache_loads_total{OURS}[5m]))"),
    stat("Oldest proof", "For how long the near cache of the worst replica has not been sure that it heard of all writes. It stops answering at 300 ms; -1 is 'not sure'.",
         "s", "max(cache_near_staleness_seconds{OURS})", thresholds((None, GREEN), (0.3, YELLOW), (5, RED))),
    stat("Notes waiting", "Writes that replicas have still to be told of: empty but for moments.", "none", "max(cache_outbox_pending{OURS})",
         thresholds((None, GREEN), (1, YELLOW), (256, RED))),
    stat("Circuit", "Whether replicas have given up asking Redis for now.", "none", "max(cache_breaker_state{OURS})",
         thresholds((None, GREEN), (1, RED)), mappings=[{"type": "value", "options": {"0": {"text": "closed"}, "1": {"text": "open"}}}]),
    stat("Near cache", "Memory in use in the largest near cache; CACHE_NEAR_BYTES bounds it.", "bytes", "max(cache_near_bytes{OURS})"),

    row("Hits and misses"),
    graph("Hits by tier", "Share of the reads of single products.", "percentunit",
          query(share("$__rate_interval", "near"), "near"), query(share("$__rate_interval", "redis"), "redis"),
          query(share("$__rate_interval"), "both"), max=1),
    graph("Near cache", "What it was asked, a second. 'busy' is when it must not answer: it has not heard from Redis for too long.", "ops",
          query('sum by (result) (rate(cache_requests_total{OURS, tier="near"}[$__rate_interval]))', "{{result}}"), stack=True),
    graph("Redis", "What it was asked, a second. 'busy' is when a write is under way; 'error' is when it does not answer in time.", "ops",
          query('sum by (result) (rate(cache_requests_total{OURS, tier="redis"}[$__rate_interval]))', "{{result}}"), stack=True),
    graph("Reads of the store", "What no tier answered, a second, and the readers that joined one that was under way.", "ops",
          query("sum by (result) (rate(cache_loads_total{OURS}[$__rate_interval]))", "{{result}}"),
          query("sum(rate(cache_loads_coalesced_total{OURS}[$__rate_interval]))", "joined"), stack=True),

    row("Freshness"),
    graph("Age of the last proof", "Since when the near cache is sure to have heard of all writes. Above 300 ms (the line) it answers nothing.", "s",
          query("cache_near_staleness_seconds{OURS}", "{{instance}}"), limits=thresholds((None, GREEN), (0.3, YELLOW)), min=-1),
    graph("Invalidations", "Entries told to go, a second: by a write here, by another replica's, by a note in the outbox.", "ops",
          query("sum by (source) (rate(cache_invalidations_total{OURS}[$__rate_interval]))", "{{source}}")),
    graph("Notes in the outbox", "Writes that Redis did not hear of, and that replicas have still to be told of; as each replica sees it, at most 256.", "none",
          query("cache_outbox_pending{OURS}", "{{instance}}")),
    graph("Age of the oldest note", "While any waits, replicas do not believe Redis.", "s",
          query("cache_outbox_age_seconds{OURS}", "{{instance}}"), limits=thresholds((None, GREEN), (60, RED))),

    row("Room"),
    graph("Memory of the near cache", "By replica. CACHE_NEAR_BYTES bounds it.", "bytes", query("cache_near_bytes{OURS}", "{{instance}}")),
    graph("Products in the near cache", "By replica.", "none", query("cache_near_entries{OURS}", "{{instance}}")),
    graph("Evictions", "Products that made room for others, a second. Many beside few hits: the cache is too small for what is read.", "ops",
          query("rate(cache_near_evictions_total{OURS}[$__rate_interval])", "{{instance}}")),
    graph("Circuit to Redis", "1: open, and Redis is asked nothing until a trial succeeds.", "none", query("cache_breaker_state{OURS}", "{{instance}}"), max=1),
])
