-- Reads the places of several players.
-- ARGV: the players
-- Answers: for each the place from 0 and the entry, twice nil for who is not on the board; nil in
-- place of all if the board is not loaded. O(players asked for · log players).
local order, players = loaded()
if not order then return false end
local places = {}
for i, player in ipairs(ARGV) do
  local entry = redis.call('HGET', players, player)
  local at = entry and redis.call('ZRANK', order, entry:sub(1, PLACE) .. player)
  places[2 * i - 1], places[2 * i] = at or false, entry
end
return places
