// Trouble on demand: answers that are late, wrong or missing, for all operations or one, always or by chance.

import { didYouMean } from '../did-you-mean.js'
import type { Operation } from '../engine/document/operation.js'
import { hashText } from '../engine/json.js'
import { createRandom } from '../engine/sampling/plausible.js'

export interface FaultRule {
  /** An operationId, or `GET /path` as the document writes it. Default: every operation. */
  readonly operation?: string | undefined
  /** How long the answer waits. */
  readonly latencyMs?: number | undefined
  /** The status to answer with, 400 to 599. */
  readonly status?: number | undefined
  /** Ends the connection without an answer. */
  readonly drop?: boolean | undefined
  /** How likely the fault is, from 0 to 1. Default 1. */
  readonly rate?: number | undefined
  /** How many times it happens before it is over. Default: without end. */
  readonly times?: number | undefined
  /** `Retry-After` of the answer. Default 1 for 429 and 503. */
  readonly retryAfterSeconds?: number | undefined
}

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
    strike({ operationId, method, path }) {
      if (rules.length === 0) return undefined
      for (const entry of rules) {
        const { rule } = entry
        const isMeant =
          rule.operation === undefined ||
          rule.operation === operationId ||
          rule.operation === `${method} ${path}`
        if (!isMeant || entry.left <= 0 || random() >= (rule.rate ?? 1)) continue
        entry.left -= 1
        const { latencyMs = 0, status, drop = false } = rule
        const waits = status === 429 || status === 503
        return {
          latencyMs,
          status,
          drop,
          retryAfterSeconds: rule.retryAfterSeconds ?? (waits ? 1 : undefined),
        }
      }
      return undefined
    },
    set(next) {
      const names = operations().flatMap(({ operationId, method, path }) => [
        ...(operationId === undefined ? [] : [operationId]),
        `${method} ${path}`,
      ])
      rules = next.map((rule) => ({
        rule: checked(rule, names),
        left: rule.times ?? Number.POSITIVE_INFINITY,
      }))
      random = createRandom(hashText(seed))
    },
    list: () => rules.map(({ rule }) => rule),
  }
}

const KNOWN = new Set(['operation', 'latencyMs', 'status', 'drop', 'rate', 'times', 'retryAfterSeconds'])

function checked(rule: FaultRule, names: readonly string[]): FaultRule {
  const within = (name: keyof FaultRule, low: number, high: number, whole = true) => {
    const value = rule[name]
    if (value === undefined) return
    if (
      typeof value !== 'number' ||
      !(value >= low && value <= high) ||
      (whole && !Number.isInteger(value))
    ) {
      throw new TypeError(`faults: ${name} must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`)
    }
  }
  if (rule === null || typeof rule !== 'object') throw new TypeError('faults: each must be an object')
  const unknown = Object.keys(rule).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw new TypeError(`faults: ${unknown} is not a known member`)
  if (rule.operation !== undefined && typeof rule.operation !== 'string')
    throw new TypeError('faults: operation must be a string')
  if (rule.operation !== undefined && !names.includes(rule.operation))
    throw new TypeError(`faults: no such operation as ${rule.operation}${didYouMean(rule.operation, names)}`)
  if (rule.drop !== undefined && typeof rule.drop !== 'boolean')
    throw new TypeError('faults: drop must be true or false')
  within('latencyMs', 0, MAX_LATENCY_MS)
  within('status', 400, 599)
  within('rate', 0, 1, false)
  within('times', 1, 1_000_000)
  within('retryAfterSeconds', 0, 86_400)
  return { ...rule }
}
