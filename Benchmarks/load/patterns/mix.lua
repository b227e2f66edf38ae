-- SPDX-License-Identifier: Apache-2.0
-- Reads products by their ids, the n-th of them 1/n as often as the first (Zipf's law), and changes the price of some.
-- wrk … -s mix.lua URL -- IDS WRITES     IDS: a file with an id on each line; WRITES: how many of a hundred requests write
local ids, cache, writes = {}, {}, 0

function init(arguments)
    for id in io.lines(arguments[1]) do ids[#ids + 1] = id end
    writes = tonumber(arguments[2])
    math.randomseed(20261123) -- The same keys for all.
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    local number = math.floor((#ids) ^ math.random())
    local path = wrk.path .. "/" .. ids[number]
    if math.random(100) <= writes then
        return wrk.format("PUT", path, nil, string.format('{"price":%d.5}', math.random(1000)))
    end
    local text = cache[number]
    if not text then
        text = wrk.format("GET", path)
        cache[number] = text
    end
    return text
end
