-- Leases new parcels of a class, unless parcels that were given back or have stalled come before them.
-- ARGV: 4 events, 5 parcels, 7 bytes at most, 6 '1' if those others were looked for already (take_up.lua)
-- Answers: seen; 0, 1 if others must be taken up first, 2 if parcels are missing; ms until there
-- may be others to take up, or -1; leased parcels. O(parcels).
if not is_remembered() then return false end
local state = redis.call('HMGET', COUNTS, 'paused', 'released', 'stalled_at')
if state[1] == '1' then return { seen(), 0, -1, {} } end

local now, others_in = now_ms(), -1
local delayed = redis.call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')
if delayed[2] then others_in = math.max(0, delayed[2] - now) end
if tonumber(state[2]) > 0 or tonumber(state[3]) <= now then others_in = 0 end
if others_in == 0 and ARGV[6] ~= '1' then return { seen(), 1, 0, {} } end

local leased, events, bytes, read = {}, 0, 0, true
while events < tonumber(ARGV[4]) and #leased < tonumber(ARGV[5]) and bytes < tonumber(ARGV[7]) do
  read = redis.call('XREADGROUP', 'GROUP', 'workers', ME, 'COUNT', 1, 'STREAMS', WORK, '>')
  if not read then break end
  local id, fields = unpack(read[1][2][1])
  leased[#leased + 1] = { id, 1, fields[2], fields[4], fields[6], fields[8] }
  events, bytes = events + fields[2], bytes + #fields[8]
end
move('waiting', 'active', events, #leased)

local left = redis.call('HMGET', COUNTS, 'waiting_parcels', 'released')
if #leased > 0 and tonumber(left[1]) > 0 then ring() end
local missing = not read and tonumber(left[1]) > tonumber(left[2])
return { seen(), missing and 2 or 0, others_in, leased }
