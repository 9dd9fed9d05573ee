-- Makes a class that is new or was emptied usable, and restores what the node remembers of it.
-- ARGV: 4 an epoch for a class without one, 5 losses, 6 lost events, 7 completed, 8 failed events,
--       9 '1' if it was paused, 10 the database of the node
-- Answers: the database that the class belongs to; and if that is the node's: the epoch; seen; losses;
-- lost events. O(1).
local COUNTERS = {
  'pushed', 'completed', 'failed', 'reclaimed', 'stale', 'losses', 'lost_events', 'released',
  'waiting_events', 'waiting_parcels', 'active_events', 'active_parcels', 'delayed_events',
  'delayed_parcels', 'stalled_at',
}
redis.call('HSETNX', COUNTS, 'database', ARGV[10])
local owner = redis.call('HGET', COUNTS, 'database')
if owner ~= ARGV[10] then return { owner } end
redis.call('HSETNX', COUNTS, 'epoch', ARGV[4])
for _, counter in ipairs(COUNTERS) do redis.call('HSETNX', COUNTS, counter, 0) end

-- The greatest count that any node knows is right: so a loss that several nodes notice counts once.
local function raise(counter, least)
  if tonumber(redis.call('HGET', COUNTS, counter)) < tonumber(least) then
    redis.call('HSET', COUNTS, counter, least)
  end
end
raise('losses', ARGV[5]) raise('lost_events', ARGV[6])
raise('completed', ARGV[7]) raise('failed', ARGV[8])
if ARGV[9] == '1' then redis.call('HSET', COUNTS, 'paused', 1) end

local grouped = redis.pcall('XGROUP', 'CREATE', WORK, 'workers', 0, 'MKSTREAM')
if grouped.err and not string.find(grouped.err, '^BUSYGROUP') then return grouped end
local found = redis.call('HMGET', COUNTS, 'epoch', 'losses', 'lost_events')
return { owner, found[1], seen(), found[2], found[3] }
