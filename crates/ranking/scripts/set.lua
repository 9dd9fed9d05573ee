-- Takes over updates: into the board as it is read, and into every load of it that is announced.
-- ARGV: player, entry, player, entry, …
-- Answers: into how many generations. O(updates · loads · log players).
local into = {}
local order, players = loaded()
if order then into[1] = { order, players } end
local loads = redis.call('ZRANGE', LOADS, now_ms(), '+inf', 'BYSCORE', 'WITHSCORES')
for i = 1, #loads, 2 do
  local load_order, load_players = keys_of(loads[i])
  into[#into + 1] = { load_order, load_players, tonumber(loads[i + 1]) }
end
for _, generation in ipairs(into) do
  for i = 1, #ARGV, 2 do put(generation[1], generation[2], ARGV[i], ARGV[i + 1]) end
  if generation[3] then keep_until(generation[3], generation[1], generation[2]) end
end
return #into
