// The flood: 64 connections of forged secrets for known ids, all different, beside one honest caller.

import { setTimeout } from 'node:timers/promises'
import { interleave, spread } from './rounds.mjs'
import { figure, printTable, range } from './tables.mjs'

const names = ['ours', 'prefixed', 'argon2']
const RISE_SECONDS = 1
// More than any server here refuses, so that no forgery is sent twice.
const FORGERIES_PER_SECOND = 15_000

export async function flood({ contenders, load, honest, rounds, seconds }) {
  const results = await interleave(names, rounds, async (name) => {
    const contender = contenders[name]
    const { port } = contender
    const keys = await contender.call('credentials', { kind: 'valid', count: 100 })
    const count = Math.ceil(FORGERIES_PER_SECOND * (seconds + 2 * RISE_SECONDS))
    const credentials = await contender.call('credentials', { kind: 'secret', count })
    const idle = await honest.call('run', { port, keys, seconds })

    const before = await contender.call('usage')
    const flooding = load.call('run', { port, credentials, once: true, seconds: seconds + 2 * RISE_SECONDS })
    await setTimeout(RISE_SECONDS * 1000)
    const flooded = await honest.call('run', { port, keys, seconds })
    const { statuses, perSecond } = await flooding
    const after = await contender.call('usage')
    if (Object.keys(statuses).some((status) => status !== '401')) {
      throw new Error(`${contender.name} answered forged secrets with ${JSON.stringify(statuses)}`)
    }
    return { idle, flooded, perSecond, argon2Runs: after.argon2Runs - before.argon2Runs }
  })

  const p99 = (name) =>
    spread(
      results.get(name).map(({ idle, flooded }) => flooded.p99 / idle.p99),
      (value) => value,
    )
  const total = (name, pick) => results.get(name).reduce((sum, result) => sum + pick(result), 0)
  const answered = (name) =>
    (100 * total(name, ({ flooded }) => flooded.answered)) / total(name, ({ flooded }) => flooded.sent)
  printTable(
    'The flood: 64 connections of forged secrets beside one honest caller, milliseconds of the honest caller',
    [
      '',
      'idle p50',
      'idle p99',
      'flooded p50',
      'flooded p99',
      'p99 ratio',
      'answered',
      'forged refused/s',
      'argon2 runs',
    ],
    names.map((name) => {
      const list = results.get(name)
      const median = (pick) => figure(spread(list, pick).median)
      return [
        contenders[name].name,
        median(({ idle }) => idle.p50),
        median(({ idle }) => idle.p99),
        median(({ flooded }) => flooded.p50),
        median(({ flooded }) => flooded.p99),
        range(p99(name)),
        `${figure(answered(name))} % of ${total(name, ({ flooded }) => flooded.sent)}`,
        range(spread(list, ({ perSecond }) => perSecond)),
        total(name, ({ argon2Runs }) => argon2Runs),
      ]
    }),
  )
  const exactly = (value) => ({ median: value, min: value, max: value })
  return [
    { promise: 'flood, % of honest requests answered', atLeast: 100, measured: exactly(answered('ours')) },
    { promise: 'flood, p99 against idle p99', atMost: 5, measured: p99('ours') },
    {
      promise: 'flood, argon2 runs',
      atMost: 0,
      measured: exactly(total('ours', ({ argon2Runs }) => argon2Runs)),
    },
  ]
}
