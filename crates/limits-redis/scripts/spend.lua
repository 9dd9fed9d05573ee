-- Adds what one node spent of allowances to what all nodes spent of them (GCRA).
-- KEYS: what is kept of each: when the allowance is whole again, in microseconds since 1970
-- ARGV: for each, after how many microseconds what was spent comes back
-- Answers: for each, in how many microseconds the allowance is whole. O(keys).
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local whole_in = {}
for i, key in ipairs(KEYS) do
  local whole = math.max(tonumber(redis.call('GET', key)) or 0, now) + ARGV[i]
  whole_in[i] = whole - now
  redis.call('SET', key, string.format('%.0f', whole), 'PX', math.ceil(whole_in[i] / 1000) + 1)
end
return whole_in
