// The 24-hour windows between a number and a person: opened, carried on, fallen silent, ended.

import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'
import type { Handlers } from '../../rules/handlers.js'
import type { Jobs } from '../../rules/rules.js'
import { refuseWith } from '../errors.js'
import { filters, listed } from '../lists.js'
import { timestamp } from '../time.js'
import { emit } from '../webhooks/events.js'

export type Conversation = GosendComponents['schemas']['Conversation']

export const CONVERSATIONS = '/conversations'

/** How long a window is open. */
export const WINDOW_MS = 24 * 60 * 60_000
/** After how long without a message a conversation is `inactive`. */
export const SILENCE_MS = 30 * 60_000

const CHECK = 'gosend.conversation'

/** Who talks with whom: WhatsApp's id of the number, and the person's number. */
export interface Pair {
  readonly phoneNumberId: string
  readonly contact: string
}

/** The conversation of a pair that has not ended, and when its next change is due. */
interface Window {
  readonly conversation_id: string
  readonly check_at: number
}

interface Check extends Pair {
  readonly at: number
}

export interface Activity extends Pair {
  readonly customerId: string
  readonly by: Conversation['initiated_by']
  /** Of the conversation, should this open one. */
  readonly category: Conversation['category']
  /** Whether the 24 hours begin anew. */
  readonly startsWindow: boolean
}

const WINDOWS = 'windows'
const keyOf = ({ phoneNumberId, contact }: Pair): string => `${phoneNumberId} ${contact}`

/** The conversation of a pair whose window is open. */
export function openConversation(context: MockContext, pair: Pair): Conversation | undefined {
  const conversation = latestOf(context, pair)
  return conversation !== undefined && isOver(context, conversation) ? undefined : conversation
}

/** Whether the two have ever had a conversation. */
export const haveTalked = ({ store }: MockContext, { phoneNumberId, contact }: Pair): boolean =>
  store.count(CONVERSATIONS, { phone_number_id: phoneNumberId, contact_wa_id: contact }) > 0

/** Notes that somebody wrote, in the pair's conversation or in a new one. */
export function carryOn(context: MockContext, activity: Activity): Conversation {
  const { store } = context
  const now = context.now()
  const found = latestOf(context, activity)
  if (found === undefined || isOver(context, found)) {
    if (found !== undefined) end(context, found)
    return open(context, activity)
  }
  const conversation: Conversation = {
    ...found,
    status: 'active',
    last_activity_at: timestamp(now),
    expires_at: activity.startsWindow ? timestamp(now + WINDOW_MS) : found.expires_at,
  }
  store.put(CONVERSATIONS, conversation.id, conversation)
  // An active one is looked at in time anyway.
  if (found.status === 'inactive') checkLater(context, conversation)
  return conversation
}

function open(context: MockContext, { by, category, customerId, ...pair }: Activity): Conversation {
  const now = context.now()
  const conversation: Conversation = {
    id: context.store.nextId(CONVERSATIONS),
    tenant_id: context.project.id,
    customer_id: customerId,
    phone_number_id: pair.phoneNumberId,
    contact_wa_id: pair.contact,
    category,
    initiated_by: by,
    status: 'active',
    opened_at: timestamp(now),
    last_activity_at: timestamp(now),
    expires_at: timestamp(now + WINDOW_MS),
    closed_at: null,
  }
  context.store.put(CONVERSATIONS, conversation.id, conversation)
  checkLater(context, conversation)
  tell(context, 'whatsapp.conversation.created', conversation)
  return conversation
}

function end(context: MockContext, found: Conversation): Conversation {
  const closedAt = Math.min(context.now(), Date.parse(found.expires_at))
  const conversation: Conversation = { ...found, status: 'ended', closed_at: timestamp(closedAt) }
  context.store.put(CONVERSATIONS, conversation.id, conversation)
  context.store.remove(WINDOWS, keyOf(pairOf(conversation)))
  tell(context, 'whatsapp.conversation.ended', conversation)
  return conversation
}

/** Notes when a conversation must be looked at next. An earlier note is void. */
function checkLater(context: MockContext, conversation: Conversation): void {
  const expiry = Date.parse(conversation.expires_at)
  const silence = Date.parse(conversation.last_activity_at) + SILENCE_MS
  const at = conversation.status === 'active' ? Math.min(silence, expiry) : expiry
  const pair = pairOf(conversation)
  const window: Window = { conversation_id: conversation.id, check_at: at }
  context.store.put(WINDOWS, keyOf(pair), window)
  const check: Check = { ...pair, at }
  context.schedule(CHECK, check, at)
}

function look(context: MockContext, { at, ...pair }: Check): void {
  const window = context.store.get<Window>(WINDOWS, keyOf(pair))
  const found = latestOf(context, pair)
  if (window?.check_at !== at || found === undefined) return
  const isSilent = Date.parse(found.last_activity_at) + SILENCE_MS <= context.now()
  if (isOver(context, found)) end(context, found)
  else if (found.status === 'active' && isSilent) fallSilent(context, found)
  else checkLater(context, found)
}

function fallSilent(context: MockContext, found: Conversation): void {
  const conversation: Conversation = { ...found, status: 'inactive' }
  context.store.put(CONVERSATIONS, conversation.id, conversation)
  checkLater(context, conversation)
  tell(context, 'whatsapp.conversation.inactive', conversation)
}

/** The pair's conversation that has not been ended, though its time may be over. */
function latestOf({ store }: MockContext, pair: Pair): Conversation | undefined {
  const window = store.get<Window>(WINDOWS, keyOf(pair))
  return window && store.get<Conversation>(CONVERSATIONS, window.conversation_id)
}

const pairOf = ({ phone_number_id, contact_wa_id }: Conversation): Pair => ({
  phoneNumberId: phone_number_id,
  contact: contact_wa_id,
})

const isOver = (context: MockContext, { expires_at }: Conversation): boolean =>
  Date.parse(expires_at) <= context.now()

type Happening =
  | 'whatsapp.conversation.created'
  | 'whatsapp.conversation.inactive'
  | 'whatsapp.conversation.ended'

const tell = (context: MockContext, type: Happening, conversation: Conversation): void =>
  emit(context, { type, phoneNumberId: conversation.phone_number_id, data: { conversation } })

const NOT_FOUND = refuseWith(404, 'There is no conversation with this id')

export const conversationHandlers: Handlers = {
  listConversations: (context) =>
    listed(context, CONVERSATIONS, filters(context, 'status', 'phone_number_id', 'customer_id')),

  getConversation({ store, request }) {
    const body = store.get<Conversation>(CONVERSATIONS, String(request.parameters.path.conversation_id))
    return body === undefined ? NOT_FOUND : { body }
  },

  closeConversation(context) {
    const id = String(context.request.parameters.path.conversation_id)
    const found = context.store.get<Conversation>(CONVERSATIONS, id)
    if (found === undefined) return NOT_FOUND
    if (found.status === 'ended') return refuseWith(409, 'This conversation has ended already')
    return { body: end(context, found) }
  },
}

export const conversationJobs: Jobs = { [CHECK]: look }
