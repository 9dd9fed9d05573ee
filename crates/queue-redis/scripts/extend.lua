-- Starts leases afresh.
-- ARGV: 4 and 5 unused, and the leases
-- Answers: seen; who held each parcel (hold.lua). O(leases).
if not is_remembered() then return false end
local holds, stale = for_each_held(function(id)
  redis.call('XCLAIM', WORK, 'workers', ME, 0, id, 'JUSTID')
end)
add('stale', stale)
return { seen(), holds }
