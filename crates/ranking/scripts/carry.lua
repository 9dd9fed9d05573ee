-- Carries some of the updates that an earlier announcement of the same node kept into a later one.
-- ARGV: 1 the later generation, 2 the earlier one, 3 the cursor, 4 how many entries to look at
-- Answers: the next cursor, '0' at the end, when the earlier generation is gone. O(entries · log players).
local deadline = redis.call('ZSCORE', LOADS, ARGV[1])
if not deadline then return '0' end
local order, players = keys_of(ARGV[1])
local old_order, old_players = keys_of(ARGV[2])
local found = redis.call('HSCAN', old_players, ARGV[3], 'COUNT', ARGV[4])
for i = 1, #found[2], 2 do
  if found[2][i + 1]:sub(ENTRY + 1) == 'u' then put(order, players, found[2][i], found[2][i + 1]) end
end
keep_until(tonumber(deadline), order, players)
if found[1] == '0' then
  redis.call('ZREM', LOADS, ARGV[2])
  redis.call('UNLINK', old_order, old_players)
end
return found[1]
