-- SPDX-License-Identifier: Apache-2.0
-- Appended to every pattern: prints what was measured as one line of JSON, times in microseconds.
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"duration":%d,"p50":%d,"p99":%d,"p999":%d,"bad":%d}\n', summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
        errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
