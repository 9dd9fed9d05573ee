-- Makes a load the board that is read, in place of what was read before.
-- ARGV: 1 the generation, 2 how many players it has at least, 3 in which run it was announced
-- Answers: whether the load was announced and is whole; also yes if it is read already. O(1), as
-- what was read before is freed aside.
if this_run() ~= ARGV[3] then return 0 end
local before = redis.call('GET', LIVE)
if before == ARGV[1] then return 1 end
local deadline = redis.call('ZSCORE', LOADS, ARGV[1])
if not deadline or tonumber(deadline) < now_ms() then return 0 end
local order, players = keys_of(ARGV[1])
local count = redis.call('HLEN', players)
if count ~= redis.call('ZCARD', order) or count < tonumber(ARGV[2]) then return 0 end
redis.call('HSET', players, '', ARGV[3])
redis.call('PERSIST', order)
redis.call('PERSIST', players)
redis.call('SET', LIVE, ARGV[1])
redis.call('ZREM', LOADS, ARGV[1])
if before then redis.call('UNLINK', keys_of(before)) end
return 1
