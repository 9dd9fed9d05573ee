-- How a class is doing.
-- Answers: seen; the figures below in their order, the oldest receipt last, nil if nothing is open.
-- O(log open), and as much again for each parcel that somebody deleted behind our back, at most 100.
if not is_remembered() then return false end

local function oldest()
  local head
  for _ = 1, 100 do
    head = redis.call('ZRANGE', OPEN, 0, 0, 'WITHSCORES')
    local id = head[1]
    if not id or redis.call('HEXISTS', PARCELS, id) == 1 then break end
    if string.sub(id, 1, 1) ~= 'r' and redis.call('XRANGE', WORK, id, id)[1] then break end
    redis.call('ZREM', OPEN, id)
  end
  return head[2] or false
end

local figures = redis.call('HMGET', COUNTS,
  'waiting_events', 'waiting_parcels', 'active_events', 'active_parcels', 'delayed_events',
  'delayed_parcels', 'completed', 'failed', 'reclaimed', 'stale', 'losses', 'lost_events', 'paused')
return { seen(), figures, oldest() }
