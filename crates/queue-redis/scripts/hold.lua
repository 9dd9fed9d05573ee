-- Who holds the parcels of leases, for the scripts that are given leases.
-- ARGV: from 6 on for each lease: id, delivery, events, dead events
-- An answer is 0 if the caller holds the parcel, 1 if somebody else does, 2 if nobody does. O(1) each.
local HELD, TAKEN, GONE = 0, 1, 2

local function hold(id, delivery)
  local found = redis.call('XPENDING', WORK, 'workers', id, id, 1)[1]
  if not found then return GONE end
  if found[2] == ME and found[4] == tonumber(delivery) then return HELD end
  return TAKEN
end

-- Does something with each parcel that the caller holds. Answers for each lease who held its parcel,
-- and how many events and parcels the caller held.
local function for_each_held(work)
  local holds, stale, events, parcels = {}, 0, 0, 0
  for at = 6, #ARGV, 4 do
    local whose = hold(ARGV[at], ARGV[at + 1])
    holds[#holds + 1] = whose
    if whose == HELD then
      work(ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]))
      events, parcels = events + ARGV[at + 2], parcels + 1
    else
      stale = stale + 1
    end
  end
  return holds, stale, events, parcels
end
