-- Takes from the bucket KEYS[1]: ARGV[1] is what the units cost (less than nothing: what is given back), ARGV[2] the debt of a whole
-- burst, ARGV[3] the debt the asking process counted by itself, ARGV[4] the longest that is believed. Answers whether they were granted, and the debt now. Microseconds all, by this server's clock.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole_at = tonumber(redis.call('GET', KEYS[1]) or 0)
-- A clock that went back locks nobody out for good.
local debt = math.max(math.min(whole_at - now, tonumber(ARGV[4])), tonumber(ARGV[3]))
if debt + math.min(cost, room) > room then
  return {0, debt}
end
debt = math.max(0, math.min(debt + cost, tonumber(ARGV[4])))
if debt > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
else
  redis.call('DEL', KEYS[1])
end
return {1, debt}
