-- Puts a parcel at the end of a class.
-- ARGV: 4 how many events may be open, 5 events, 6 receipt in ms, 7 the encoded events
-- Answers: seen; how many events are open if they are too many, otherwise -1. O(log open).
if not is_remembered() then return false end
local state = redis.call('HMGET', COUNTS, 'waiting_events', 'active_events', 'delayed_events', 'waiting_parcels', 'paused')
local open = state[1] + state[2] + state[3]
if open > 0 and open + ARGV[5] > tonumber(ARGV[4]) then return { seen(), open } end

-- A server without memory refuses the first write, before anything is done; the others must not fail.
local id = redis.call('XADD', WORK, '*', 'n', ARGV[5], 'r', ARGV[6], 'a', 0, 'b', ARGV[7])
redis.call('ZADD', OPEN, ARGV[6], id)
add('pushed', tonumber(ARGV[5]))
add('waiting_events', tonumber(ARGV[5]))
add('waiting_parcels', 1)
if tonumber(state[4]) <= 0 and state[5] ~= '1' then ring() end
return { seen(), -1 }
