// Every call to a store goes through here: a deadline, one kind of error, and a check that the row is the one asked for.
// Whatever goes wrong is thrown, so that a failing store is never mistaken for a key that does not exist.

import { MAX_DELAY_MS } from '@gosend/options'
import { type Awaitable, isPromise } from './awaitable.js'
import { type Fault, failed } from './callbacks.js'
import { clearTimeout, setTimeout } from './clocks.js'
import { ApiKeysError } from './errors.js'
import type { EventConsumer, EventOutbox, OutboxEvent } from './outbox.js'
import type { OutcomeStore } from './outcome-store.js'
import type { ApiKeyStore, KeyQuery, KeyRows, StoredKey } from './store.js'
import { inTurn } from './turns.js'

/** @param patience how many times as long as other answers this one may take; 1 if left out. */
export type Guard = <T>(call: () => Awaitable<T>, check: (answer: T) => T, patience?: number) => Awaitable<T>

// A list may have to read every key, which no request waits for.
const LIST_PATIENCE = 10

const KEYS: Fault = { code: 'store_unavailable', message: 'the store of API keys did not answer' }

/**
 * @param timeoutMs how long an answer may take; one that comes synchronously is not timed.
 * @param fault how it is told that none came. Default: the store of keys gave none.
 */
export function createGuard(timeoutMs: number, fault = KEYS): Guard {
  return (call, check, patience = 1) => {
    let answer: ReturnType<typeof call>
    try {
      answer = call()
    } catch (cause) {
      throw failed(fault, cause)
    }
    if (!isPromise(answer)) return check(answer)
    return withDeadline(answer, Math.min(timeoutMs * patience, MAX_DELAY_MS), fault).then(check)
  }
}

export function createGuardedStore(store: ApiKeyStore, guard: Guard): ApiKeyStore {
  return {
    database: store.database,
    find: (id) =>
      guard(
        () => store.find(id),
        (row) => (row === undefined || isRow(row, id) ? row : corrupt(`find(${id})`)),
      ),
    list: (query) =>
      guard(
        () => store.list(query),
        (answer) => (isListOf(query, answer) ? answer : corrupt('list')),
        LIST_PATIENCE,
      ),
    commit: (...change) =>
      inTurn(() =>
        guard(
          () => store.commit(...change),
          (won) => (typeof won === 'boolean' ? won : corrupt('commit')),
        ),
      ),
    history: (projectId, ...query) =>
      guard(
        () => store.history(projectId, ...query),
        (events) =>
          Array.isArray(events) && events.every((event) => event?.projectId === projectId)
            ? events
            : corrupt('history'),
      ),
    recordUses: (uses, batch) => guard(() => store.recordUses(uses, batch), identity),
    erase: (...erasure) =>
      inTurn(() =>
        guard(
          () => store.erase(...erasure),
          (rows) =>
            isCount(rows?.keys) && isCount(rows.events) && isCount(rows.uses) ? rows : corrupt('erase'),
        ),
      ),
    sweep: (outdated) =>
      guard(
        () => store.sweep(outdated),
        (rows) => (isCount(rows?.events) && isCount(rows.uses) ? rows : corrupt('sweep')),
      ),
    usage: (...query) => guard(() => store.usage(...query), only(listOf(query[3]), 'usage')),
    outbox: store.outbox && guardedOutbox(store.outbox, guard),
    outcomes: store.outcomes && guardedOutcomes(store.outcomes, guard),
  }
}

function guardedOutbox(outbox: EventOutbox, guard: Guard): EventOutbox {
  const isPosition = (value: number) => Number.isSafeInteger(value) && value >= 0
  const isEvent = (event: OutboxEvent) => isPosition(event?.sequence) && typeof event.id === 'string'
  const isConsumer = (consumer: EventConsumer) => isPosition(consumer?.position)
  return {
    append: (events) => inTurn(() => guard(() => outbox.append(events), only(isPosition, 'outbox.append'))),
    list: (query) =>
      guard(
        () => outbox.list(query),
        only((events) => Array.isArray(events) && events.every(isEvent), 'outbox.list'),
      ),
    claim: (...claim) =>
      inTurn(() =>
        guard(
          () => outbox.claim(...claim),
          only((position) => position === undefined || isPosition(position), 'outbox.claim'),
        ),
      ),
    acknowledge: (...acknowledgement) =>
      inTurn(() => guard(() => outbox.acknowledge(...acknowledgement), only(isFlag, 'outbox.acknowledge'))),
    consumers: () =>
      guard(
        () => outbox.consumers(),
        only((list) => Array.isArray(list) && list.every(isConsumer), 'outbox.consumers'),
      ),
    move: (...move) => inTurn(() => guard(() => outbox.move(...move), only(isFlag, 'outbox.move'))),
    sweep: (...sweep) => guard(() => outbox.sweep(...sweep), only(isPosition, 'outbox.sweep')),
  }
}

function guardedOutcomes(outcomes: OutcomeStore, guard: Guard): OutcomeStore {
  return {
    record: (...batch) => guard(() => outcomes.record(...batch), identity),
    counts: (...query) => guard(() => outcomes.counts(...query), only(listOf(query[3]), 'outcomes.counts')),
    refusals: (keyId) => guard(() => outcomes.refusals(keyId), only(Array.isArray, 'outcomes.refusals')),
    addresses: (keyId) => guard(() => outcomes.addresses(keyId), only(Array.isArray, 'outcomes.addresses')),
    sweep: (...sweep) => guard(() => outcomes.sweep(...sweep), only(isCount, 'outcomes.sweep')),
  }
}

/** A check that hands on the answers that fit. */
function only<T>(fits: (answer: T) => boolean, call: string): (answer: T) => T {
  return (answer) => (fits(answer) ? answer : corrupt(call))
}

/** Lists of what is of one key, where one was asked for. */
const listOf =
  <One extends { readonly keyId: string }>(keyId: string | undefined) =>
  (found: readonly One[]): boolean =>
    Array.isArray(found) && (keyId === undefined || found.every((one) => one.keyId === keyId))

const isFlag = (value: boolean) => typeof value === 'boolean'

/** Rejects with the fault when the promise rejects, or has not settled in time. Leaves no timer behind. */
function withDeadline<T>(promise: Promise<T>, timeoutMs: number, fault: Fault): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(failed(fault, new Error(`no answer within ${timeoutMs} ms`))),
      timeoutMs,
    )
    promise.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (cause) => {
        clearTimeout(timer)
        reject(failed(fault, cause))
      },
    )
  })
}

function corrupt(call: string): never {
  throw new ApiKeysError(
    'store_corrupt',
    `the store answered ${call} with something that is not what was asked for`,
  )
}

const isText = (value: unknown) => value === undefined || typeof value === 'string'

function isRow(row: StoredKey, id: string): boolean {
  return (
    typeof row === 'object' &&
    row !== null &&
    row.id === id &&
    typeof row.projectId === 'string' &&
    typeof row.environment === 'string' &&
    typeof row.hash === 'string' &&
    typeof row.tag === 'string' &&
    typeof row.version === 'number' &&
    typeof row.createdAt === 'number' &&
    isTime(row.revokedAt) &&
    isTime(row.disabledAt) &&
    isTime(row.expiresAt) &&
    isText(row.parentId) &&
    (row.parentId === undefined) === (row.delegation === undefined) &&
    Array.isArray(row.scopes) &&
    (row.allowedIps === null || Array.isArray(row.allowedIps)) &&
    (row.projectStatus === undefined || row.projectStatus === 'active' || row.projectStatus === 'suspended')
  )
}

function isListOf({ projectId, limit, total }: KeyQuery, answer: KeyRows): boolean {
  return (
    Array.isArray(answer?.rows) &&
    answer.rows.length <= limit &&
    answer.rows.every(
      (row) => isRow(row, row?.id) && (projectId === undefined || row.projectId === projectId),
    ) &&
    (!total || Number.isSafeInteger(answer.total))
  )
}

const isCount = (value: number) => Number.isSafeInteger(value)

const isTime = (value: unknown) => value === null || typeof value === 'number'

const identity = <T>(value: T): T => value
