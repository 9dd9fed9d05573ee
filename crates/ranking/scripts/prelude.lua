-- What every script begins with.
-- KEYS: 1 live (name of the generation that is read), 2 loads (announced generations by deadline).
-- A generation has two keys under its name, which has the same hash tag: `:order`, a sorted set of
-- all scores 0 whose members are the place (16 bytes that sort as ranks do) and the player, and
-- `:players`, a hash from the player to the place, the version (8 bytes) and whether an update
-- brought it (`u`). The field '' of the hash says that the generation is complete, and in which run of
-- the server it became so: what was restored from a file, or taken over by a replica, may have missed
-- updates that were taken, and counts for nothing.
local LIVE, LOADS = KEYS[1], KEYS[2]
local PLACE, ENTRY = 16, 24

local function keys_of(generation)
  return generation .. ':order', generation .. ':players'
end

local function this_run()
  return redis.call('INFO', 'server'):match('run_id:(%x+)')
end

-- The keys of the generation that is read, and how many players it has; nil if the board is not
-- loaded, or if a part of it is gone.
local function loaded()
  local generation = redis.call('GET', LIVE)
  if not generation then return nil end
  local order, players = keys_of(generation)
  local count = redis.call('ZCARD', order)
  if redis.call('HGET', players, '') ~= this_run() then return nil end
  if redis.call('HLEN', players) ~= count + 1 then return nil end
  return order, players, count
end
