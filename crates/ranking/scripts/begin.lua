-- Announces a load.
-- ARGV: 1 the generation, 2 how long the announcement stands without a part (ms)
-- Answers: in which run of the server that is. O(log loads).
redis.call('ZREMRANGEBYSCORE', LOADS, '-inf', now_ms())
local deadline = now_ms() + tonumber(ARGV[2])
redis.call('ZADD', LOADS, string.format('%.0f', deadline), ARGV[1])
redis.call('PEXPIREAT', LOADS, string.format('%.0f', deadline + 60000))
return this_run()
