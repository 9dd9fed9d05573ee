-- Leases parcels that were given back, and then those whose lease ran out.
-- ARGV: 4 events, 5 parcels, 7 bytes at most, 6 the lease in ms
-- Answers: seen; leased parcels; how many are missing. O(1000), from where the last call stopped.
if not is_remembered() then return false end
if redis.call('HGET', COUNTS, 'paused') == '1' then return { seen(), {}, 0 } end
local leased, events, bytes, missing, now, lease = {}, 0, 0, 0, now_ms(), tonumber(ARGV[6])
local function is_full()
  return events >= tonumber(ARGV[4]) or #leased >= tonumber(ARGV[5]) or bytes >= tonumber(ARGV[7])
end

local function take(pending, from)
  local entry = redis.call('XCLAIM', WORK, 'workers', ME, 0, pending[1])[1]
  if not entry then missing = missing + 1 return end
  local f = entry[2]
  leased[#leased + 1] = { pending[1], pending[4] + 1, f[2], f[4], f[6], f[8] }
  events, bytes = events + f[2], bytes + #f[8]
  if from == 'waiting' then move(from, 'active', tonumber(f[2]), 1) else add('reclaimed', 1) end
end

for _, pending in ipairs(redis.call('XPENDING', WORK, 'workers', '-', '+', 1000, 'released')) do
  if is_full() then break end
  take(pending, 'waiting') add('released', -1)
end
if is_full() then return { seen(), leased, missing } end

local scan = redis.call('HMGET', COUNTS, 'scan_from', 'scan_next')
local from, next_ms = scan[1] or '-', tonumber(scan[2] or now + lease)
local page = redis.call('XPENDING', WORK, 'workers', from, '+', 1000)
local is_last = #page < 1000
for _, pending in ipairs(page) do
  if is_full() then is_last = false break end
  local idle_ms, is_leased = pending[3], pending[2] ~= 'released'
  if is_leased and idle_ms >= lease then take(pending, 'active')
  elseif is_leased then next_ms = math.min(next_ms, now + lease - idle_ms) end
  from = '(' .. pending[1]
end
redis.pcall('HDEL', COUNTS, 'scan_from', 'scan_next')
if is_last then redis.pcall('HSET', COUNTS, 'stalled_at', next_ms)
else redis.pcall('HSET', COUNTS, 'scan_from', from, 'scan_next', next_ms) end
return { seen(), leased, missing }
