// What an action does by what its request and its document say, beside its name: `activate` with `{ status: false }`, `send` at a
// time to come, a `cancel` after which a thing returns to its draft.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import {
  oppositeOf,
  PLANNED_ACTIONS,
  PLANNING,
  RETURNING_SENTENCE,
  SWITCHED_BY,
} from '../conventions/actions.js'
import type { Item } from '../entities/entity.js'
import type { Site } from '../world.js'

/** What is done to a thing, and what is said of it. */
export interface Told {
  readonly verb: string
  readonly payload: Item
}

/** An action as its request and its document tell of it. */
export function toldAction(site: Site, verb: string, payload: Item): Told {
  const { factory, request } = site
  const { operation } = request
  const body = isObject(request.body) ? request.body : {}
  const word = normalizeName(verb)
  if (isTurnedOff(body, word)) return { verb: oppositeOf(word), payload }
  if (PLANNED_ACTIONS.has(word) && factory.canBe('scheduled')) {
    const time = Object.entries(body).find(([name, value]) => isPlan(name, value))?.[1]
    if (time !== undefined) return { verb: 'schedule', payload: { ...planned(site, time), ...payload } }
    const [done] = PLANNED_ACTIONS.get(word)?.filter((one) => factory.canBe(one)) ?? []
    if (done !== undefined) return { verb: done, payload }
  }
  const told = statusTold(operation)
  return { verb: told !== undefined && factory.canBe(told) ? told : verb, payload }
}

/** Whether the only switch in a body is off, and is called like what the action does or as nothing else. */
function isTurnedOff(body: Item, word: string): boolean {
  const switches = Object.entries(body).filter(([, value]) => typeof value === 'boolean')
  const [[name, value] = ['', true], ...others] = switches
  if (others.length > 0 || value !== false || !SWITCHED_BY.has(word)) return false
  return SWITCHED_BY.get(word)?.has(normalizeName(name).replace(/^is/, '')) === true
}

const isPlan = (name: string, value: unknown): boolean =>
  PLANNING.test(normalizeName(name)) && (typeof value === 'string' || typeof value === 'number')

/** The time for which a thing is planned, where it has a member for that. */
function planned({ factory }: Site, time: unknown): Item {
  const slot = factory.slots.find(
    ({ path, normalized }) => path.length === 1 && /^scheduled(at|for|on|time|date)$/.test(normalized),
  )
  return slot?.path[0] === undefined ? {} : { [slot.path[0]]: time }
}

const told = new WeakMap<Operation, string | false>()

/** The status that a document says a thing returns to. */
function statusTold(operation: Operation): string | undefined {
  const known = told.get(operation) ?? RETURNING_SENTENCE.exec(textOf(operation))?.[1] ?? false
  told.set(operation, known)
  return known === false ? undefined : normalizeName(known)
}

const textOf = (operation: Operation): string => {
  const description = operation.extension('description')
  return `${operation.summary}. ${typeof description === 'string' ? description.slice(0, 2_000) : ''}`
}
