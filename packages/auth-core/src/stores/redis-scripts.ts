// What caches and those who change keys agree on, as scripts of Redis: a list of caches with the number of the last hold or release
// that each has seen, the holds of the moment, and a log of both.
//
// An epoch is one run of one server with all of its data. Each of the three keys tells it, so that a server that was started
// anew, or has lost any of them, begins another one, in which no cache is known.

const OPEN = `
local caches, holds, log = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local replication = redis.call('INFO', 'replication')
if not string.find(replication, 'role:master') or not string.find(replication, 'connected_slaves:0') then
  return redis.error_reply('REPLICATED the cache needs a Redis without replicas: after a failover two servers could be in use')
end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local epoch = redis.call('HGET', caches, 'epoch')
if not epoch or string.sub(epoch, 1, #run) ~= run
  or redis.call('HGET', holds, 'epoch') ~= epoch or not redis.call('ZSCORE', log, epoch) then
  redis.call('DEL', caches, holds, log)
  epoch = run .. '-' .. time[1] .. '.' .. time[2]
  redis.call('HSET', caches, 'epoch', epoch, 'number', 0)
  redis.call('HSET', holds, 'epoch', epoch)
  redis.call('ZADD', log, '+inf', epoch)
end
local number = tonumber(redis.call('HGET', caches, 'number'))
local function tell(entry)
  number = redis.call('HINCRBY', caches, 'number', 1)
  entry.number = number
  redis.call('ZADD', log, number, cjson.encode(entry))
  redis.call('PUBLISH', caches, number)
end
local function eachCache(visit)
  local all = redis.call('HGETALL', caches)
  for i = 1, #all, 2 do
    local seen, staleness = string.match(all[i + 1], '^(%d+):(%d+)$')
    if seen then visit(all[i], tonumber(seen), tonumber(staleness)) end
  end
end
`

/**
 * What a cache asks several times per `maxStalenessMs`. Values: its name, its `maxStalenessMs`, the epoch that it knows, and the number
 * up to which it has done what the log says. Gives the epoch, the number of the latest entry, whether the cache is new on the
 * list, and the entries that it has not seen; for a new one, the holds of the moment.
 */
export const POLL = `${OPEN}
local name, staleness, known, seen = unpack(ARGV)
local answer = { epoch, tostring(number), '0' }
if known == epoch and redis.call('HEXISTS', caches, name) == 1 then
  redis.call('HSET', caches, name, seen .. ':' .. staleness)
  for _, entry in ipairs(redis.call('ZRANGEBYSCORE', log, '(' .. seen, number)) do table.insert(answer, entry) end
  return answer
end
redis.call('HSET', caches, name, number .. ':' .. staleness)
answer[3] = '1'
local all = redis.call('HGETALL', holds)
for i = 1, #all, 2 do
  if all[i] ~= 'epoch' then table.insert(answer, cjson.decode(all[i + 1]).entry) end
end
return answer
`

/** Tells all caches to keep none of some keys. Values: the name of the hold, the keys as JSON, and how long it may last. */
export const HOLD = `${OPEN}
local least = number
eachCache(function(_, seen) least = math.min(least, seen) end)
redis.call('ZREMRANGEBYSCORE', log, '-inf', least)
local all = redis.call('HGETALL', holds)
for i = 1, #all, 2 do
  if all[i] ~= 'epoch' and cjson.decode(all[i + 1])['until'] < now then redis.call('HDEL', holds, all[i]) end
end
local entry = { hold = ARGV[1], ids = ARGV[2] }
tell(entry)
redis.call('HSET', holds, ARGV[1], cjson.encode({ entry = cjson.encode(entry), ['until'] = now + ARGV[3] }))
return { epoch, tostring(number) }
`

/** Which caches have not seen an entry. Values: epoch, number, and how long was waited. Takes those off the list that cannot answer any more. */
export const PENDING = `${OPEN}
if epoch ~= ARGV[1] then return { epoch } end
local waited = tonumber(ARGV[3])
local answer = { epoch }
eachCache(function(name, seen, staleness)
  if seen >= tonumber(ARGV[2]) then return end
  if staleness <= waited then redis.call('HDEL', caches, name) else table.insert(answer, tostring(staleness)) end
end)
return answer
`

/** Ends a hold. Values: its name. Gives whether it was there until now, in every cache. */
export const RELEASE = `${OPEN}
local kept = redis.call('HGET', holds, ARGV[1])
if not kept or cjson.decode(kept)['until'] < now then return { epoch, '0' } end
redis.call('HDEL', holds, ARGV[1])
tell({ release = ARGV[1] })
return { epoch, '1' }
`

/** Takes a cache off the list. Values: its name. */
export const LEAVE = `${OPEN}
redis.call('HDEL', caches, ARGV[1])
return { epoch }
`

/** Changes nothing. Gives the version of the server, its mode, its role, how many replicas it has, and how many caches are on the list. */
export const DIAGNOSE = `
local server, replication = redis.call('INFO', 'server'), redis.call('INFO', 'replication')
local count = 0
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
  if string.match(value, '^%d+:%d+$') then count = count + 1 end
end
return {
  string.match(server, 'redis_version:([%d.]+)') or '', string.match(server, 'redis_mode:(%a+)') or '',
  string.match(replication, 'role:(%a+)') or '', string.match(replication, 'connected_slaves:(%d+)') or '0',
  tostring(count)
}
`
