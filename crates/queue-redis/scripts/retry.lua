-- Puts parcels aside for a while. They get new ids, so that no lease from before fits.
-- ARGV: 4 the pause in ms, 5 whether this was an attempt (1 or 0), and the leases
-- Answers: seen; who held each parcel (hold.lua). O(leases · log open).
if not is_remembered() then return false end
local due_ms = now_ms() + ARGV[4]
local gone_events, gone = 0, 0
local holds, stale, events, parcels = for_each_held(function(id, delivery, n)
  local entry = redis.call('XRANGE', WORK, id, id)[1]
  redis.call('XACK', WORK, 'workers', id)
  redis.call('XDEL', WORK, id)
  redis.call('ZREM', OPEN, id)
  if not entry then gone_events, gone = gone_events + n, gone + 1 return end
  local f = entry[2]
  local delayed = 'r' .. redis.call('HINCRBY', COUNTS, 'retries', 1)
  redis.call('HSET', PARCELS, delayed, cmsgpack.pack({ f[2], f[4], f[6] + delivery - 1 + ARGV[5], f[8] }))
  redis.call('ZADD', DELAYED, due_ms, delayed)
  redis.call('ZADD', OPEN, f[4], delayed)
end)
move('active', 'delayed', events, parcels)
add('delayed_events', -gone_events)
add('delayed_parcels', -gone)
add('stale', stale)
-- Nodes that wait must learn that something is due earlier than all else.
local first = redis.call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')
if parcels > 0 and tonumber(first[2] or 0) >= due_ms then ring() end
return { seen(), holds }
