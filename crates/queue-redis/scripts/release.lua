-- Gives parcels back untried. They stay where they are, with the delivery taken back.
-- ARGV: 4 and 5 unused, and the leases
-- Answers: seen; who held each parcel (hold.lua). O(leases).
if not is_remembered() then return false end
local holds, stale, events, parcels = for_each_held(function(id, delivery)
  redis.call('XCLAIM', WORK, 'workers', 'released', 0, id, 'RETRYCOUNT', delivery - 1, 'JUSTID')
end)
move('active', 'waiting', events, parcels)
add('released', parcels)
add('stale', stale)
if parcels > 0 then ring() end
return { seen(), holds }
