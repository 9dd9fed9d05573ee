-- Takes a part of what the store holds into a load.
-- ARGV: 1 the generation, 2 how long the announcement stands from now on (ms), then player, entry, …
-- Answers: whether the load is announced. O(entries · log players).
local deadline = redis.call('ZSCORE', LOADS, ARGV[1])
if not deadline or tonumber(deadline) < now_ms() then return 0 end
deadline = now_ms() + tonumber(ARGV[2])
redis.call('ZADD', LOADS, string.format('%.0f', deadline), ARGV[1])
redis.call('PEXPIREAT', LOADS, string.format('%.0f', deadline + 60000))
local order, players = keys_of(ARGV[1])
for i = 3, #ARGV, 2 do put(order, players, ARGV[i], ARGV[i + 1]) end
keep_until(deadline, order, players)
return 1
