// What it costs to say no: garbage, a wrong checksum, an unknown id, a wrong secret.

import { underLoad } from './http.mjs'
import { interleave, spread } from './rounds.mjs'
import { figure, printTable, range } from './tables.mjs'

const kinds = {
  garbage: 'garbage',
  checksum: 'wrong checksum',
  id: 'unknown id',
  secret: 'wrong secret',
}
// Who has a notion of which kind: a bare hash knows no ids, and most formats have no checksum.
const cases = [
  ...Object.keys(kinds).map((kind) => ['ours', kind]),
  ...['garbage', 'id', 'secret'].map((kind) => ['prefixed', kind]),
  ...['garbage', 'id', 'secret'].map((kind) => ['argon2', kind]),
]

export async function refusal({ contenders, load, rounds, seconds }) {
  const results = await interleave(cases, rounds, async ([name, kind]) => {
    const contender = contenders[name]
    const direct = await contender.call('verify', { kind, concurrency: 1, seconds: seconds / 10 })
    const http = await underLoad({ load, contender, kind, seconds: Math.max(1, seconds / 5), status: 401 })
    return { direct, http, argon2Runs: direct.argon2Runs + http.argon2Runs }
  })
  const sum = (list) => list.reduce((total, { argon2Runs }) => total + argon2Runs, 0)
  printTable(
    'Refusals: what one costs, median (min–max)',
    ['', 'credential', 'in process us', 'Express, requests/s', 'server CPU us/request', 'argon2 runs'],
    cases.map((entry) => {
      const list = results.get(entry)
      return [
        contenders[entry[0]].name,
        kinds[entry[1]],
        range(spread(list, ({ direct }) => 1e6 / direct.perSecond)),
        range(spread(list, ({ http }) => http.perSecond)),
        figure(spread(list, ({ http }) => http.cpuMicros).median),
        sum(list),
      ]
    }),
  )
  const ours = cases.filter(([name]) => name === 'ours').flatMap((entry) => results.get(entry))
  return [
    {
      promise: 'argon2 runs for refused credentials',
      atMost: 0,
      measured: { median: sum(ours), min: sum(ours), max: sum(ours) },
    },
  ]
}
