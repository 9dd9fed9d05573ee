-- Reads a player's place and those beside it, best first.
-- ARGV: 1 the player, 2 how many places on each side
-- Answers: the first's place from 0 and the members, or nothing in place of both if the player is
-- not on the board; nil if the board is not loaded. O(log players + members).
local order, players = loaded()
if not order then return false end
local entry = redis.call('HGET', players, ARGV[1])
if not entry then return {} end
local at = redis.call('ZRANK', order, entry:sub(1, PLACE) .. ARGV[1])
local first = math.max(0, at - tonumber(ARGV[2]))
return { first, redis.call('ZRANGE', order, first, at + tonumber(ARGV[2])) }
