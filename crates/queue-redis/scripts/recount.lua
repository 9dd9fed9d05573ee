-- Puts a class in order whose group was destroyed or whose parcels were deleted by somebody else:
-- all that is left in the stream waits again, and what is missing is counted as lost.
-- Answers: seen. O(stream + delayed): for a case that no node of Scoreline brings about.
if not is_remembered() then return false end
local state = redis.call('HMGET', COUNTS, 'waiting_events', 'waiting_parcels', 'active_events', 'active_parcels')
local expected = state[2] + state[4]
local grouped = redis.pcall('XGROUP', 'CREATE', WORK, 'workers', 0, 'MKSTREAM')
-- Another node has done it already.
if grouped.err and redis.call('XLEN', WORK) == expected then return { seen() } end
redis.call('XGROUP', 'DESTROY', WORK, 'workers')
redis.call('XGROUP', 'CREATE', WORK, 'workers', 0)

redis.call('DEL', OPEN)
local from, events, parcels = '-', 0, 0
repeat
  local page = redis.call('XRANGE', WORK, from, '+', 'COUNT', 1000)
  for _, entry in ipairs(page) do
    redis.call('ZADD', OPEN, entry[2][4], entry[1])
    events, parcels, from = events + entry[2][2], parcels + 1, '(' .. entry[1]
  end
until #page < 1000
local kept = redis.call('HGETALL', PARCELS)
for at = 1, #kept, 2 do
  redis.call('ZADD', OPEN, cmsgpack.unpack(kept[at + 1])[2], kept[at])
end

redis.call('HSET', COUNTS, 'waiting_events', events, 'waiting_parcels', parcels)
redis.call('HSET', COUNTS, 'active_events', 0, 'active_parcels', 0, 'released', 0)
if parcels < expected then
  -- What was leased is safe in the memory of workers.
  local lost = math.max(0, math.min(state[1], state[1] + state[3] - events))
  add('losses', 1)
  add('lost_events', lost)
end
ring()
return { seen() }
