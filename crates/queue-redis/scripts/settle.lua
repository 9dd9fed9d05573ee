-- Takes parcels out of a class, as their events are durable elsewhere.
-- ARGV: 4 and 5 unused, and the leases
-- Answers: seen; who held each parcel (hold.lua). O(leases · log open).
if not is_remembered() then return false end
local dead_events = 0
local holds, stale, events, parcels = for_each_held(function(id, _, _, dead)
  redis.call('XACK', WORK, 'workers', id)
  redis.call('XDEL', WORK, id)
  redis.call('ZREM', OPEN, id)
  dead_events = dead_events + dead
end)
add('active_events', -events)
add('active_parcels', -parcels)
add('completed', events - dead_events)
add('failed', dead_events)
add('stale', stale)
return { seen(), holds }
