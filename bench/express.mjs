// Express 5, GET /v1/me on 64 connections: what is left of the requests per second with each contender in front.

import { underLoad } from './http.mjs'
import { interleave, ratio, spread } from './rounds.mjs'
import { figure, printTable, range } from './tables.mjs'

const perSecond = (result) => result.perSecond

export async function express({ contenders, load, rounds, seconds }) {
  const { peppered, betterAuthWal, ...guests } = contenders
  const names = Object.keys(guests)
  const results = await interleave(names, rounds, (name) =>
    underLoad({ load, contender: guests[name], kind: 'valid', seconds, status: 200 }),
  )
  const kept = (name, of) => ratio(results.get(name), results.get(of), perSecond)
  printTable(
    'Express 5: GET /v1/me, 64 connections, warm keys, median (min–max)',
    ['', 'requests/s', 'of no auth', 'of prefixed-api-key', 'p50 ms', 'p99 ms', 'server CPU us/request'],
    names.map((name) => [
      guests[name].name,
      range(spread(results.get(name), perSecond)),
      range(kept(name, 'none')),
      range(kept(name, 'prefixed')),
      figure(spread(results.get(name), ({ p50 }) => p50).median),
      figure(spread(results.get(name), ({ p99 }) => p99).median),
      range(spread(results.get(name), ({ cpuMicros }) => cpuMicros)),
    ]),
  )
  return [
    { promise: 'Express, requests/s kept of no auth', atLeast: 0.9, measured: kept('ours', 'none') },
    {
      promise: 'Express, requests/s against prefixed-api-key',
      atLeast: 0.97,
      measured: kept('ours', 'prefixed'),
    },
  ]
}
