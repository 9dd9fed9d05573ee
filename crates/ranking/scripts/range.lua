-- Reads places of a board, best first.
-- ARGV: 1 the first and 2 the last, from 0
-- Answers: the members, or nil if the board is not loaded. O(log players + members).
local order = loaded()
if not order then return false end
return redis.call('ZRANGE', order, ARGV[1], ARGV[2])
