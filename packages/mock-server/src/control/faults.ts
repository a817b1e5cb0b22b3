// Trouble on demand: answers that are late, wrong or missing, for all operations or one, always or by chance.

import { checkOptions, didYouMean, fitting, flag, type OptionTable, text, wholeNumber } from '@gosend/options'
import { namesOf, type Operation } from '../engine/document/operation.js'
import { hashText } from '../engine/json.js'
import { createRandom } from '../engine/sampling/plausible.js'
import type { FaultRule } from './wire.js'

export interface Trouble {
  readonly latencyMs: number
  readonly status: number | undefined
  readonly drop: boolean
  readonly retryAfterSeconds: number | undefined
}

export interface Faults {
  /** What happens to this exchange; undefined when nothing does. */
  strike(operation: Operation): Trouble | undefined
  /** @throws TypeError when a rule is wrong. */
  set(rules: readonly FaultRule[]): void
  list(): readonly FaultRule[]
}

const MAX_LATENCY_MS = 300_000

/**
 * @param seed the same seed and requests meet the same faults.
 * @param operations those of the document that is served at this moment.
 */
export function createFaults(seed: string, operations: () => readonly Operation[]): Faults {
  let rules: { readonly rule: FaultRule; left: number }[] = []
  let random = createRandom(hashText(seed))
  return {
    strike(operation) {
      if (rules.length === 0) return undefined
      const names = namesOf(operation)
      for (const entry of rules) {
        const { rule } = entry
        const isMeant = rule.operation === undefined || names.includes(rule.operation)
        if (!isMeant || entry.left <= 0 || random() >= (rule.rate ?? 1)) continue
        entry.left -= 1
        return troubleOf(rule)
      }
      return undefined
    },
    set(next) {
      const names = operations().flatMap(namesOf)
      rules = next.map((rule, i) => ({
        rule: checked(rule, i, names),
        left: rule.times ?? Number.POSITIVE_INFINITY,
      }))
      random = createRandom(hashText(seed))
    },
    list: () => rules.map(({ rule }) => rule),
  }
}

function troubleOf({ latencyMs = 0, status, drop = false, retryAfterSeconds }: FaultRule): Trouble {
  const waits = status === 429 || status === 503
  return { latencyMs, status, drop, retryAfterSeconds: retryAfterSeconds ?? (waits ? 1 : undefined) }
}

const ruleOptions: OptionTable<FaultRule> = {
  operation: text,
  latencyMs: wholeNumber(0, MAX_LATENCY_MS),
  status: wholeNumber(400, 599),
  drop: flag,
  rate: fitting(
    (value) => Number(value) >= 0 && Number(value) <= 1 && typeof value === 'number',
    'must be a number from 0 to 1',
  ),
  times: wholeNumber(1, 1_000_000),
  retryAfterSeconds: wholeNumber(0, 86_400),
}

function checked(rule: FaultRule, index: number, names: readonly string[]): FaultRule {
  const { ...checked } = checkOptions(ruleOptions, rule, `faults[${index}]`)
  const { operation } = checked
  if (operation !== undefined && !names.includes(operation))
    throw new TypeError(`faults: no such operation as ${operation}${didYouMean(operation, names)}`)
  return checked
}
