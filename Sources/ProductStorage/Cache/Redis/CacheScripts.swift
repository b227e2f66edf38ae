// SPDX-License-Identifier: Apache-2.0

import Redis

/// The steps of the protocol that must not be torn apart: each is a script that Redis runs as one.
///
/// The form of the values is that of ``CacheValue``. What a script writes may be refused when Redis is out of memory;
/// then the key goes, which is always allowed.
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

    /// Closes keys to readers, for one writer more.
    ///
    /// KEYS: what is written to. ARGV: for how many milliseconds at most, the channel, the message.
    static let beginWrite = RedisScript(
        """
        for _, key in ipairs(KEYS) do
          local head = redis.call('GETRANGE', key, 0, 20)
          local writers, newest = 0, '0000000000000000'
          if string.sub(head, 1, 1) == 'Q' then
            writers, newest = tonumber(string.sub(head, 2, 5)), string.sub(head, 6, 21)
          end
          if writers >= 9999 then writers, newest = 9998, 'ffffffffffffffff' end
          redis.call('SET', key, string.format('Q%04d%s', writers + 1, newest), 'PX', ARGV[1])
        end
        redis.call('PUBLISH', ARGV[2], ARGV[3])
        return 1
        """)

    /// Ends a write: the last writer to end opens the keys, and leaves the product there if it is the newest.
    ///
    /// KEYS: the product, the generation of lists. ARGV: the channel, the message, the version, the value or nothing,
    /// its lifetime in milliseconds. Returns 1 when the value stands there, 2 when a newer one does.
    static let endWrite = RedisScript(
        """
        local result = 0
        for index, key in ipairs(KEYS) do
          local head = redis.call('GETRANGE', key, 0, 20)
          local kind = string.sub(head, 1, 1)
          local isProduct = index == 1
          if kind == 'Q' then
            local writers, newest = tonumber(string.sub(head, 2, 5)) - 1, string.sub(head, 6, 21)
            local isNewest = ARGV[3] > newest
            if writers > 0 then
              if isNewest then newest = ARGV[3] end
              redis.pcall('SETRANGE', key, 0, string.format('Q%04d%s', writers, newest))
            elseif isProduct and isNewest and newest ~= 'ffffffffffffffff' and ARGV[4] ~= '' then
              local set = redis.pcall('SET', key, ARGV[4], 'PX', ARGV[5])
              if set.err then redis.call('DEL', key) else result = 1 end
            else
              redis.call('DEL', key)
            end
          elseif isProduct and kind == 'V' and string.sub(head, 2, 17) >= ARGV[3] then
            result = 2
          else
            redis.call('DEL', key)
          end
        end
        redis.call('PUBLISH', ARGV[1], ARGV[2])
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
            redis.call('SETRANGE', key, 5, 'ffffffffffffffff')
          end
        end
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        return 1
        """)
}
