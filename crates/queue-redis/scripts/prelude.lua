-- What every script begins with.
-- KEYS: 1 counts (hash), 2 work (stream), 3 open (ids by receipt), 4 delayed (ids by when due),
--       5 parcels (hash of delayed ones), 6 bell (list)
-- ARGV: 1 the epoch and 2 what was ever pushed, as the node remembers them, 3 the node as consumer
-- A script answers nil, and has done nothing, if the class is not as the node remembers it.
local COUNTS, WORK, OPEN, DELAYED, PARCELS, BELL = unpack(KEYS)
local ME = ARGV[3]

local function is_remembered()
  local found = redis.call('HMGET', COUNTS, 'epoch', 'pushed')
  return found[1] == ARGV[1] and tonumber(found[2]) >= tonumber(ARGV[2])
end

local function seen()
  return redis.call('HMGET', COUNTS, 'pushed', 'waiting_events', 'delayed_events', 'completed', 'failed', 'paused')
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A protected call: what was done to parcels must not look undone because a counter failed.
local function add(counter, number)
  if number ~= 0 then redis.pcall('HINCRBY', COUNTS, counter, number) end
end

local function move(from, to, events, parcels)
  add(from .. '_events', -events) add(from .. '_parcels', -parcels)
  add(to .. '_events', events) add(to .. '_parcels', parcels)
end

-- One sign that there is work is enough: a node that takes it and leaves work behind rings again.
local function ring()
  if redis.call('LLEN', BELL) == 0 then redis.pcall('LPUSH', BELL, '1') end
end
