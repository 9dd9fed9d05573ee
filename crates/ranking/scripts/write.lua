-- Numbers of Lua hold 53 bits, and its texts compare by the locale: versions are compared in halves.
local function is_newer(version, than)
  local high, low = struct.unpack('>I4I4', version)
  local than_high, than_low = struct.unpack('>I4I4', than)
  if high ~= than_high then return high > than_high end
  return low > than_low
end

-- Puts an entry (place and version, perhaps the mark) in, unless one as new is there.
local function put(order, players, player, entry)
  local held, place = redis.call('HGET', players, player), entry:sub(1, PLACE)
  if held and not is_newer(entry:sub(PLACE + 1, ENTRY), held:sub(PLACE + 1, ENTRY)) then return end
  local held_place = held and held:sub(1, PLACE)
  if held_place ~= place then
    -- In this order, as a full server still removes and no longer adds.
    redis.call('ZADD', order, 0, place .. player)
    if held then redis.call('ZREM', order, held_place .. player) end
  end
  redis.call('HSET', players, player, entry)
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- What of a load that is given up stays that much longer than its announcement, then goes by itself.
local function keep_until(deadline, order, players)
  local text = string.format('%.0f', deadline + 60000)
  redis.call('PEXPIREAT', order, text)
  redis.call('PEXPIREAT', players, text)
end
