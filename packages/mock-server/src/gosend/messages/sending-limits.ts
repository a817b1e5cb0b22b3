// What holds messages back: the plan's monthly quota, the queue of a number that sends faster than WhatsApp takes, and the
// conversations that a WABA may open in a day.

import { isObject } from '../../engine/json.js'
import type { MockContext } from '../../rules/context.js'
import type { HandlerRefusal } from '../../rules/handlers.js'
import type { Control, Jobs } from '../../rules/rules.js'
import { findPhoneNumber, PHONE_NUMBERS, type PhoneNumber } from '../customers/accounts.js'
import { refuse, refuseWith } from '../errors.js'
import type { Plans } from '../plans.js'
import { timestamp } from '../time.js'
import type { Sender } from './senders.js'

const SECOND = 1_000
const DAY = 86_400_000

/** Messages a second. */
const THROUGHPUT: Readonly<Record<PhoneNumber['throughput_tier'], number>> = {
  Standard: 80,
  Medium: 200,
  High: 1_000,
  Unlimited: Number.POSITIVE_INFINITY,
}

/** A message that is about to be accepted. */
export interface Dispatch {
  readonly sender: Sender
  /** The person with whom it opens a conversation, if it does. */
  readonly opensWith: string | undefined
}

export interface SendingLimits {
  /** Why it may not be sent at present. */
  refuse(context: MockContext, dispatch: Dispatch): HandlerRefusal | undefined
  /** Counts it, and gives the earliest instant at which WhatsApp takes it. */
  take(context: MockContext, dispatch: Dispatch): number
}

const QUEUES = 'queues'
interface Queue {
  /** When WhatsApp has taken everything that waits. */
  readonly free_at: number
}

const USAGE = 'usage'
interface Usage {
  readonly messages: number
}

const openingsOf = ({ waba }: Sender): string => `openings of ${waba.id}`
interface Opening {
  readonly at: number
}

const FORGET = 'gosend.opening'
interface Forgetting {
  readonly collection: string
  readonly contact: string
  readonly at: number
}

export function createSendingLimits(plans: Plans): SendingLimits {
  const quota = (context: MockContext): HandlerRefusal | undefined => {
    const limit = plans.of(context).enforced.messagesPerMonth
    if (limit === null || usedIn(context, monthOf(context)) < limit) return undefined
    const now = new Date(context.now())
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)
    return refuse(
      'QUOTA_EXCEEDED',
      "The plan's monthly quota is used up",
      { limit, resets_at: timestamp(next) },
      secondsUntil(context, next),
    )
  }

  const queue = (context: MockContext, { sender }: Dispatch): HandlerRefusal | undefined => {
    const limit = plans.of(context).enforced.queuedMessages
    const wait = Math.max(0, freeAt(context, sender) - context.now())
    const excess = wait - ((limit ?? Number.POSITIVE_INFINITY) - 1) * intervalOf(sender)
    if (limit === null || excess <= 0) return undefined
    const message = 'Too many messages are waiting for this phone number'
    return refuse('PHONE_QUEUE_FULL', message, { limit }, Math.ceil(excess / SECOND))
  }

  const openings = (context: MockContext, { sender, opensWith }: Dispatch): HandlerRefusal | undefined => {
    const limit = plans.of(context).enforced.conversationsPerDay
    const collection = openingsOf(sender)
    if (limit === null || opensWith === undefined) return undefined
    if (context.store.count(collection) < limit || context.store.get(collection, opensWith)) return undefined
    const instants = context.store.list<Opening>(collection).map(({ at }) => at)
    const until = instants.reduce((a, b) => Math.min(a, b), context.now()) + DAY
    const message = 'This WABA has opened as many conversations as it may in 24 hours'
    return refuse(
      'RATE_LIMIT_EXCEEDED',
      message,
      { limit, resets_at: timestamp(until) },
      secondsUntil(context, until),
    )
  }

  return {
    refuse: (context, dispatch) => quota(context) ?? openings(context, dispatch) ?? queue(context, dispatch),

    take(context, { sender, opensWith }) {
      const { store } = context
      const { enforced } = plans.of(context)
      const now = context.now()
      const month = monthOf(context)
      store.put(USAGE, month, { messages: usedIn(context, month) + 1 } satisfies Usage)
      if (opensWith !== undefined) {
        const collection = openingsOf(sender)
        store.put(collection, opensWith, { at: now } satisfies Opening)
        const payload: Forgetting = { collection, contact: opensWith, at: now }
        context.schedule(FORGET, payload, now + DAY)
      }
      if (enforced.queuedMessages === null || sender.number.throughput_tier === 'Unlimited') return now
      const taken = Math.max(now, freeAt(context, sender))
      const next: Queue = { free_at: taken + intervalOf(sender) }
      store.put(QUEUES, sender.number.phone_number_id, next)
      return Math.ceil(taken)
    },
  }
}

const intervalOf = ({ number }: Sender): number => SECOND / THROUGHPUT[number.throughput_tier]

const freeAt = ({ store }: MockContext, { number }: Sender): number =>
  store.get<Queue>(QUEUES, number.phone_number_id)?.free_at ?? 0

/** `2026-11` */
const monthOf = (context: MockContext): string => new Date(context.now()).toISOString().slice(0, 7)

const usedIn = ({ store }: MockContext, month: string): number =>
  store.get<Usage>(USAGE, month)?.messages ?? 0

const secondsUntil = (context: MockContext, at: number): number =>
  Math.max(1, Math.ceil((at - context.now()) / SECOND))

export const sendingJobs: Jobs = {
  [FORGET]({ store }, { collection, contact, at }: Forgetting) {
    if (store.get<Opening>(collection, contact)?.at === at) store.remove(collection, contact)
  },
}

const isTier = (value: unknown): value is PhoneNumber['throughput_tier'] =>
  typeof value === 'string' && Object.hasOwn(THROUGHPUT, value)

export const sendingControls: Readonly<Record<string, Control>> = {
  /** `{ throughput_tier }` */
  'POST /_mock/phone-numbers/{phoneNumberId}/throughput'(context) {
    const { phoneNumberId = '' } = context.parameters
    const tier = isObject(context.body) ? context.body.throughput_tier : undefined
    if (!isTier(tier))
      throw new TypeError(`throughput_tier must be one of ${Object.keys(THROUGHPUT).join(', ')}`)
    const owner = [context, ...context.everywhere()].find((place) => findPhoneNumber(place, phoneNumberId))
    const number = owner && findPhoneNumber(owner, phoneNumberId)
    if (owner === undefined || number === undefined)
      return refuseWith(404, `There is no phone number ${phoneNumberId}`)
    const changed: PhoneNumber = { ...number, throughput_tier: tier }
    owner.store.put(PHONE_NUMBERS, phoneNumberId, changed)
    return changed
  },
}
