-- Forgets a board and all announcements of it.
-- Answers: nothing. O(loads), as the entries are freed aside.
local gone = redis.call('ZRANGE', LOADS, 0, -1)
gone[#gone + 1] = redis.call('GET', LIVE) or nil
for _, generation in ipairs(gone) do redis.call('UNLINK', keys_of(generation)) end
redis.call('UNLINK', LIVE, LOADS)
