// Verification of warm keys without HTTP: 10,000 keys in the database, 1,000 of them presented at random.

import { interleave, ratio, spread } from './rounds.mjs'
import { figure, printTable, range } from './tables.mjs'

const perSecond = (result) => result.perSecond
const cpu = (result) => result.cpuMicros

export async function inProcess({ contenders, rounds, seconds }) {
  const { none, ...others } = contenders
  const names = Object.keys(others)
  const run = (concurrency) =>
    interleave(names, rounds, (name) =>
      others[name].call('verify', { kind: 'valid', concurrency, seconds: seconds / 5 }),
    )
  const alone = await run(1)
  const together = await run(64)

  const ours = (results, name) => ratio(results.get('ours'), results.get(name), perSecond)
  printTable(
    'In process: verifications of a warm key per second, median (min–max)',
    ['', 'c=1', 'us', 'CPU us', 'ours is x faster', 'c=64', 'ours is x faster'],
    names.map((name) => [
      others[name].name,
      range(spread(alone.get(name), perSecond)),
      figure(1e6 / spread(alone.get(name), perSecond).median),
      figure(spread(alone.get(name), cpu).median),
      range(ours(alone, name)),
      range(spread(together.get(name), perSecond)),
      range(ours(together, name)),
    ]),
  )
  return [
    ...['betterAuth', 'keypal']
      .filter((name) => name in others)
      .map((name) => ({
        promise: `in process, times faster than ${others[name].name}`,
        atLeast: name === 'keypal' ? 10 : 100,
        measured: ours(alone, name),
      })),
    ...['ours', 'peppered'].map((name) => ({
      promise: `in process, ${others[name].name}: cost against prefixed-api-key`,
      atMost: 1.2,
      measured: ratio(alone.get('prefixed'), alone.get(name), perSecond),
    })),
  ]
}
