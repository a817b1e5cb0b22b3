// What came of requests with each key: gathered in memory and written behind, one transaction per interval. Nothing of it runs unless the
// host switches it on.

import { randomUUID } from 'node:crypto'
import { type OptionTable, required, text } from '@gosend/options'
import { checkArguments, instant, invalid, name } from './attributes.js'
import { type Awaitable, isPromise } from './awaitable.js'
import { clearTimeout, setTimeout } from './clocks.js'
import { isKeyId } from './key-format.js'
import type { LimitReason, RateLimitRefusal } from './limits/result.js'
import {
  ADDRESSES_KEPT,
  type AddressUse,
  type KeyRefusal,
  type Outcome,
  type OutcomeCount,
  type OutcomeStore,
  REFUSALS_KEPT,
} from './outcome-store.js'
import type { ApiKeyStore } from './store.js'
import type { Verification, Verify, VerifyContext } from './verifier.js'

const HOUR_MS = 3_600_000
/** So many refusals are gathered between two writes; more are counted only, so that a flood does not fill the memory. */
const MAX_REFUSALS = 10_000
/** So many addresses, of all keys, are gathered between two writes. */
const MAX_ADDRESSES = 10_000
const BATCH = 1_000

export interface OutcomesQuery {
  readonly projectId: string
  /** Hours from the one of this instant on. */
  readonly from: Date
  /** Up to the hour of this instant, inclusive. */
  readonly to: Date
  /** Only requests with this key. */
  readonly keyId?: string | undefined
}

const outcomesQuery: OptionTable<OutcomesQuery> = {
  projectId: required(name),
  from: required(instant),
  to: required(instant),
  keyId: text,
}

export interface OutcomeMethods {
  /** Whether outcomes are counted. */
  readonly countsOutcomes: boolean

  /**
   * What came of requests, per key and UTC hour: accepted, limited or refused, and why. Requests with keys that do not exist are not
   * counted.
   * @throws ApiKeysError `invalid_argument`, also when `createApiKeys` was not given `outcomes`; so does `refusals`.
   */
  outcomes(query: OutcomesQuery): Promise<readonly OutcomeCount[]>

  /** The latest hundred requests with this key that were refused or limited, the latest first. */
  refusals(id: string): Promise<readonly KeyRefusal[]>

  /** The addresses of the latest accepted requests with this key, twenty at the most, the latest first. */
  usedFrom(id: string): Promise<readonly AddressUse[]>

  /**
   * Records that a limit refused a request that `verify` has accepted. The guards do this; call it where you consume limits yourself.
   * With `outcomes` the request is counted as limited. With `events` a refusal also becomes a `key.over_quota`, once per key, limit
   * and window of a minute or more. Returns at once.
   * @param refusal what `consume` returned, or its reason alone, which makes no event.
   * @param address is asked for the client's address.
   */
  recordLimited(id: string, refusal: LimitReason | RateLimitRefusal, address?: () => string | undefined): void
}

export interface Outcomes {
  readonly methods: OutcomeMethods
  /** A verification that counts; without outcomes, the one that was given. */
  watch(verify: Verify): Verify
  flush(): Promise<void>
  /** Deletes what is older; undefined without outcomes. */
  readonly sweep: ((before: number) => Promise<number>) | undefined
}

/** The address of a request, without consequences for how the request is judged. */
interface WithAddress {
  readonly address: string | undefined
}

export interface OutcomesParts {
  readonly store: Pick<ApiKeyStore, 'outcomes'>
  readonly isOn: boolean
  readonly now: () => number
  readonly intervalMs: number
}

/** @throws TypeError when outcomes are to be counted, and the store keeps none. */
export function createOutcomes({ store, isOn, now, intervalMs }: OutcomesParts): Outcomes {
  const kept = isOn ? store.outcomes : undefined
  if (kept === undefined) {
    if (isOn) throw new TypeError('outcomes: this store cannot keep them; leave outcomes out')
    return { methods: withoutOutcomes, watch: (verify) => verify, flush: async () => {}, sweep: undefined }
  }
  const gathered = createGathering(kept, intervalMs)

  const note = (verification: Verification, context: VerifyContext | undefined): Verification => {
    if (verification.ok) {
      const { id } = verification.record
      if (context?.countedId === id) return verification
      const at = now()
      gathered.count(id, at, 'accepted', null, 1)
      const address = addressOf(context)
      if (address !== undefined) gathered.place(id, address, at)
      return verification
    }
    const { keyId, reason } = verification
    if (keyId === null || reason === 'unknown') return verification
    const address = addressOf(context) ?? null
    gathered.refuse({ keyId, at: now(), outcome: 'refused', reason, address })
    return verification
  }

  return {
    watch: (verify) => (presented, context) => {
      const verification: Awaitable<Verification> = verify(presented, context)
      return isPromise(verification)
        ? verification.then((settled) => note(settled, context))
        : note(verification, context)
    },
    flush: gathered.flush,
    async sweep(before) {
      for (let sum = 0; ; ) {
        const deleted = await kept.sweep(before, BATCH)
        sum += deleted
        if (deleted === 0) return sum
      }
    },
    methods: {
      countsOutcomes: true,
      async outcomes(query) {
        const { projectId, from, to, keyId } = checkArguments(outcomesQuery, query)
        await gathered.flush()
        return kept.counts(projectId, hourOf(from.getTime()), hourOf(to.getTime()) + HOUR_MS, keyId)
      },
      async refusals(id) {
        if (!isKeyId(id)) return []
        await gathered.flush()
        return kept.refusals(id)
      },
      async usedFrom(id) {
        if (!isKeyId(id)) return []
        await gathered.flush()
        return kept.addresses(id)
      },
      recordLimited(id, refusal, address) {
        const reason = typeof refusal === 'string' ? refusal : refusal.reason
        const at = now()
        gathered.count(id, at, 'accepted', null, -1)
        gathered.refuse({ keyId: id, at, outcome: 'limited', reason, address: address?.() ?? null })
      },
    },
  }
}

/** A count of no key would hold up all others, which are written with it. */
export function checkLimited(id: unknown, refusal: unknown, address: unknown): void {
  if (!isKeyId(id)) throw invalid('id: must be that of a key')
  const { reason = refusal, statuses = [] } = Object(refusal) as Partial<RateLimitRefusal>
  if (typeof reason !== 'string' || !Array.isArray(statuses)) {
    throw invalid('refusal: must be what consume returned for a request that it refused, or the reason in it')
  }
  if (address !== undefined && typeof address !== 'function') {
    throw invalid('address: must be a function that gives the address of the client')
  }
}

const switchedOff = async (): Promise<never> => {
  throw invalid('outcomes: pass outcomes: true to createApiKeys, so that they are counted')
}

const withoutOutcomes: OutcomeMethods = {
  countsOutcomes: false,
  outcomes: switchedOff,
  refusals: switchedOff,
  usedFrom: switchedOff,
  recordLimited: () => {},
}

const hourOf = (at: number) => at - (at % HOUR_MS)

function addressOf(context: VerifyContext | undefined): string | undefined {
  if (context === undefined) return undefined
  return 'address' in context ? (context as WithAddress).address : context.ip
}

interface Batch {
  readonly counts: Map<string, { -readonly [Field in keyof OutcomeCount]: OutcomeCount[Field] }>
  readonly refusals: Map<string, KeyRefusal[]>
  /** Key id → address → the latest use, in the order in which they came. */
  readonly addresses: Map<string, Map<string, number>>
}

function createGathering(store: OutcomeStore, intervalMs: number) {
  const empty = (): Batch => ({ counts: new Map(), refusals: new Map(), addresses: new Map() })
  let gathered = empty()
  let refusals = 0
  let addresses = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let unwritten: { readonly batch: Batch; readonly name: string } | undefined

  const schedule = () => {
    timer ??= setTimeout(flush, intervalMs).unref()
  }

  const record = async ({ batch, name }: NonNullable<typeof unwritten>): Promise<void> => {
    const { counts, refusals, addresses } = batch
    await store.record([...counts.values()], [...refusals.values()].flat(), name, usesIn(addresses))
  }

  const write = async (): Promise<void> => {
    try {
      // Before anything newer, and under its name: the store may have written it.
      if (unwritten !== undefined) await record(unwritten)
      unwritten = undefined
      if (gathered.counts.size === 0) return
      unwritten = { batch: gathered, name: randomUUID() }
      gathered = empty()
      refusals = 0
      addresses = 0
      await record(unwritten)
      unwritten = undefined
    } catch {
      schedule()
    }
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  const count = (keyId: string, at: number, outcome: Outcome, reason: string | null, by: number): void => {
    const hour = hourOf(at)
    const place = `${keyId} ${hour} ${outcome} ${reason}`
    const known = gathered.counts.get(place)
    if (known === undefined) gathered.counts.set(place, { keyId, hour, outcome, reason, count: by })
    else known.count += by
    schedule()
  }

  return {
    count,
    refuse(refusal: KeyRefusal): void {
      const { keyId, at, outcome, reason } = refusal
      count(keyId, at, outcome, reason, 1)
      const latest = gathered.refusals.get(keyId) ?? []
      gathered.refusals.set(keyId, latest)
      if (latest.length === REFUSALS_KEPT) latest.shift()
      else if (refusals >= MAX_REFUSALS) return
      else refusals++
      latest.push(refusal)
    },
    place(keyId: string, address: string, at: number): void {
      const latest = gathered.addresses.get(keyId) ?? new Map<string, number>()
      if (latest.has(address)) return void latest.set(address, at)
      if (addresses >= MAX_ADDRESSES) return
      gathered.addresses.set(keyId, latest)
      if (latest.size === ADDRESSES_KEPT) latest.delete(oldestOf(latest))
      else addresses++
      latest.set(address, at)
    },
    flush,
  }
}

const usesIn = (addresses: Batch['addresses']): readonly AddressUse[] =>
  [...addresses].flatMap(([keyId, own]) => [...own].map(([address, at]) => ({ keyId, address, at })))

function oldestOf(latest: ReadonlyMap<string, number>): string {
  const [oldest = ''] = [...latest].sort(([, a], [, b]) => a - b)[0] ?? []
  return oldest
}
