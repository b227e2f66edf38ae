// SPDX-License-Identifier: Apache-2.0

import Redis

/// The steps of the protocol that must not be torn apart: each is a script that Redis runs as one.
///
/// The form of the values is that of ``CacheValue``. A quarantine is `Q`, a period in 12 digits, how many have begun to
/// write in the period before it and how many in it, in 4 digits each, and the newest version of those who have ended:
/// `f…f` when nothing may be left there. A writer who never ends is forgotten with the period after its own, however
/// many write meanwhile; a period is longer than any write can take. When Redis is out of memory, it takes no new
/// values, and keys go or stay closed.
enum CacheScripts {
    /// Fills a key, if the lease on it is still the one it was read under.
    ///
    /// KEYS: the product. ARGV: the lease, the value, its lifetime in milliseconds. Returns whether it did.
    static let fill = RedisScript(
        """
        if redis.call('STRLEN', KEYS[1]) == #ARGV[1] and redis.call('GET', KEYS[1]) == ARGV[1] then
          redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
          return 1
        end
        return 0
        """)

    /// Gives the lease on a key back that nothing came of.
    ///
    /// KEYS: the product. ARGV: the lease.
    static let release = RedisScript(
        """
        if redis.call('STRLEN', KEYS[1]) == #ARGV[1] and redis.call('GET', KEYS[1]) == ARGV[1] then
          return redis.call('DEL', KEYS[1])
        end
        return 0
        """)

    /// What `beginWrite` and `endWrite` have in common: the period, and a quarantine's parts as they are in it.
    private static let quarantine = """
        local time = redis.call('TIME')
        local now = math.floor((tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)) / tonumber(ARGV[1]))
        local function read(head)
          if string.sub(head, 1, 1) ~= 'Q' then return now, 0, 0, '0000000000000000' end
          local period = tonumber(string.sub(head, 2, 13))
          local before, within = tonumber(string.sub(head, 14, 17)), tonumber(string.sub(head, 18, 21))
          if now == period + 1 then before, within = within, 0 elseif now > period then before, within = 0, 0 end
          return math.max(now, period), before, within, string.sub(head, 22, 37)
        end
        local form = 'Q%012d%04d%04d%s'

        """

    /// Closes keys to readers, for one writer more.
    ///
    /// KEYS: what is written to. ARGV: the length of a period and for how long to close the keys at most, in
    /// milliseconds, the channel, the message. Returns the period.
    static let beginWrite = RedisScript(
        quarantine + """
            redis.call('PUBLISH', ARGV[3], ARGV[4])
            for _, key in ipairs(KEYS) do
              local period, before, within, newest = read(redis.call('GETRANGE', key, 0, 36))
              within = within + 1
              if within > 9999 then within, newest = 9999, 'ffffffffffffffff' end
              redis.call('SET', key, string.format(form, period, before, within, newest), 'PX', ARGV[2])
            end
            return now
            """)

    /// Ends a write: the last writer to end opens the keys, and leaves the product there if it is the newest.
    ///
    /// KEYS: the product, the generation of lists. ARGV: the length of a period, the one the write began in, the
    /// channel, the message, the version, the value or nothing, its lifetime in milliseconds. Returns 1 when the value
    /// stands there, 2 when a newer one does.
    static let endWrite = RedisScript(
        quarantine + """
            local result = 0
            for index, key in ipairs(KEYS) do
              local head = redis.call('GETRANGE', key, 0, 36)
              local kind = string.sub(head, 1, 1)
              local isProduct = index == 1
              if kind == 'Q' then
                local period, before, within, newest = read(head)
                local begun = tonumber(ARGV[2])
                if begun == period then within = math.max(0, within - 1) end
                if begun == period - 1 then before = math.max(0, before - 1) end
                local isNewest = ARGV[5] > newest
                if before + within > 0 then
                  if isNewest then newest = ARGV[5] end
                  redis.pcall('SETRANGE', key, 0, string.format(form, period, before, within, newest))
                elseif isProduct and isNewest and newest ~= 'ffffffffffffffff' and ARGV[6] ~= '' then
                  local set = redis.pcall('SET', key, ARGV[6], 'PX', ARGV[7])
                  if set.err then redis.call('DEL', key) else result = 1 end
                else
                  redis.call('DEL', key)
                end
              elseif isProduct and kind == 'V' and string.sub(head, 2, 17) >= ARGV[5] then
                result = 2
              else
                redis.call('DEL', key)
              end
            end
            redis.call('PUBLISH', ARGV[3], ARGV[4])
            return result
            """)

    /// Invalidates keys for a write that Redis did not hear of when it was made: what is there goes, and those who
    /// write at the moment leave nothing there.
    ///
    /// KEYS: what was written to. ARGV: the channel, the message, whether to poison.
    static let relay = RedisScript(
        """
        for _, key in ipairs(KEYS) do
          if redis.call('GETRANGE', key, 0, 0) ~= 'Q' then
            redis.call('DEL', key)
          elseif ARGV[3] == '1' then
            redis.call('SETRANGE', key, 21, 'ffffffffffffffff')
          end
        end
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        return 1
        """)
}
