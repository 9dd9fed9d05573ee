-- Forgets the consumers of processes that ended long ago and hold nothing.
-- ARGV: 4 how long ago, in ms
-- Answers: seen. O(consumers).
if not is_remembered() then return false end
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', WORK, 'workers')) do
  local name, pending, idle_ms = consumer[2], consumer[4], consumer[6]
  if pending == 0 and name ~= 'released' and idle_ms > tonumber(ARGV[4]) then
    redis.call('XGROUP', 'DELCONSUMER', WORK, 'workers', name)
  end
end
return { seen() }
