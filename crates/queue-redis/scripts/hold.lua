-- Whose parcels are, for the scripts that are given leases.
-- ARGV: from 6 on for each lease: id, delivery, events, dead events
-- An answer is 0 if the parcel is the caller's, 1 if it is another's, 2 if it is nobody's. O(1) each.
local HELD, TAKEN, GONE = 0, 1, 2

local function hold(id, delivery)
  local found = redis.call('XPENDING', WORK, 'workers', id, id, 1)[1]
  if not found then return GONE end
  if found[2] == ME and found[4] == tonumber(delivery) then return HELD end
  return TAKEN
end

-- Does something with each parcel that is held. Answers of each lease whose it was, and how many
-- events and parcels were held.
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
