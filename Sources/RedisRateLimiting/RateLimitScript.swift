// SPDX-License-Identifier: Apache-2.0

import Redis

/// The token bucket as a script that Redis runs as one step, on its own clock: the replicas' need not agree.
///
/// A bucket is a string, `LEVEL TIME`: what is in it, in units, and the microsecond in which that was right, which
/// never goes back. A key that is not there is a full bucket, and each ends when it would be full. All numbers are
/// whole and below 2^53, which Lua counts exactly; what is refused writes nothing.
enum RateLimitScript {
    /// KEYS: the bucket. ARGV: what the tokens are worth, what a microsecond adds, what a full bucket is worth, how
    /// many milliseconds that takes. Returns whether they were taken, and what is left.
    static let take = RedisScript(
        """
        local price, rate, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local level, at = capacity, now
        local bucket = redis.call('GET', KEYS[1])
        if bucket then
          local left, when = string.match(bucket, '^(%d+) (%d+)$')
          if left then
            level, at = tonumber(left), tonumber(when)
            if now > at then
              level = math.min(capacity, level + (now - at) * rate)
              at = now
            end
          end
        end
        if price > level then return {0, level} end
        level = level - price
        redis.call('SET', KEYS[1], string.format('%.0f %.0f', level, at), 'PX', ARGV[4])
        return {1, level}
        """)
}
