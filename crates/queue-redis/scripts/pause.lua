-- Pauses a class, or ends its pause.
-- ARGV: 4 '1' to pause it
-- Answers: seen. O(1).
if not is_remembered() then return false end
redis.call('HDEL', COUNTS, 'paused')
if ARGV[4] == '1' then redis.call('HSET', COUNTS, 'paused', 1) else ring() end
return { seen() }
