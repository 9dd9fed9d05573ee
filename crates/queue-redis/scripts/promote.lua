-- Puts delayed parcels that are due at the end of their class, under new ids.
-- ARGV: 4 parcels at most
-- Answers: seen. O(parcels · log open).
if not is_remembered() then return false end
local events, parcels = 0, 0
for _, old in ipairs(redis.call('ZRANGEBYSCORE', DELAYED, '-inf', now_ms(), 'LIMIT', 0, ARGV[4])) do
  local kept = redis.call('HGET', PARCELS, old)
  -- Freeing memory comes first: a server without memory refuses nothing once a script has written.
  redis.call('ZREM', DELAYED, old)
  redis.call('HDEL', PARCELS, old)
  redis.call('ZREM', OPEN, old)
  if kept then
    local n, receipt, attempts, encoded = unpack(cmsgpack.unpack(kept))
    local id = redis.call('XADD', WORK, '*', 'n', n, 'r', receipt, 'a', attempts, 'b', encoded)
    redis.call('ZADD', OPEN, receipt, id)
    events, parcels = events + n, parcels + 1
  end
end
move('delayed', 'waiting', events, parcels)
return { seen() }
