// Messages: what is sent, what becomes of it, and what people write. Nothing ever leaves the mock.

import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GosendComponents } from '@gosend/openapi'
import type { HandlerContext, HandlerRefusal, HandlerResult, Handlers } from '../handlers.js'
import type { Jobs, MockContext, Where } from '../rules.js'
import { findPhoneNumber, findWaba, metaIdOf, type PhoneNumber } from './accounts.js'
import { type Conversation, carryOn, haveTalked, openConversation, type Pair } from './conversations.js'
import { refuse, refuseWith } from './errors.js'
import { emit } from './events.js'
import { createOnce, isReplay } from './idempotency.js'
import { filters, listed, paged } from './lists.js'
import { isSlow, refuseFile } from './media.js'
import {
  answerTo,
  type Content,
  filesOf,
  flawInQuestion,
  type InboundMessage,
  type OutboundMessage,
  type SendMessageRequest,
} from './message-content.js'
import { type Recipient, recipientOf, type Step } from './recipients.js'
import { type Sender, senderOf } from './senders.js'
import type { SendingLimits } from './sending-limits.js'
import { componentOf, mismatchOf } from './template-gaps.js'
import { sendableTemplate, type Template } from './templates.js'
import { timestamp } from './time.js'

type Message = GosendComponents['schemas']['Message']

export const MESSAGES = '/messages'

/** How long each step of a message takes, after the one before it. */
export const STEP_MS: Readonly<Record<Step, number>> = { sent: 100, delivered: 400, read: 1_500, failed: 400 }
/** How long a person takes to answer what they have read. */
export const ANSWER_MS = 1_000
/** How long the mock pretends to fetch a file from a slow place. */
const SLOW_MS = 1_000

const STEP = 'gosend.message'
const ANSWER = 'gosend.answer'

interface NextStep {
  readonly id: string
  /** Of the recipient's course. */
  readonly index: number
}

/** What a person writes. */
export interface Incoming extends Content {
  readonly from: string
  /** WhatsApp's id of the number that it is written to. */
  readonly phoneNumberId: string
  /** The name that the person chose in WhatsApp. */
  readonly profileName?: string | null | undefined
  /** The `wamid` of the message that it replies to. */
  readonly repliesTo?: string | undefined
}

/** Takes a message from a person in. Undefined when there is no such number, or it takes no messages. */
export function receive(context: MockContext, incoming: Incoming): InboundMessage | undefined {
  const { from, phoneNumberId, type, content, profileName = null, repliesTo } = incoming
  const number = findPhoneNumber(context, phoneNumberId)
  const waba = number && findWaba(context, number.waba_id)
  if (number?.inbound_processing_enabled !== true || number.status !== 'active' || waba === undefined)
    return undefined
  const conversation = carryOn(context, {
    phoneNumberId,
    contact: from,
    customerId: waba.customer_id,
    by: 'user',
    category: 'service',
    startsWindow: true,
  })
  const id = context.store.nextId(MESSAGES)
  const message = {
    id,
    wamid: wamidOf(context, 'inbound', from, id),
    direction: 'inbound',
    phone_number_id: phoneNumberId,
    from,
    to: number.display_phone_number_normalized,
    type,
    ...(content === undefined ? {} : { [type]: withFile(context, type, id, content) }),
    ...(repliesTo === undefined ? {} : { context: { message_id: repliesTo } }),
    status: 'received',
    conversation_id: conversation.id,
    customer_id: waba.customer_id,
    ...originOf(context),
    created_at: timestamp(context.now()),
  } as InboundMessage
  context.store.insert(MESSAGES, id, message)
  emit(context, {
    type: 'whatsapp.message.received',
    phoneNumberId,
    data: { contact: { wa_id: from, profile_name: profileName }, message },
  })
  return message
}

const RECEIVED_TYPES: Readonly<Record<string, string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/pdf',
  sticker: 'image/webp',
}

/** A file with what WhatsApp says of one, as far as nobody else has said it. */
function withFile(context: MockContext, type: string, id: string, content: unknown): unknown {
  const mimeType = RECEIVED_TYPES[type]
  if (mimeType === undefined) return content
  const file = metaIdOf(context, 'received', id)
  const sha256 = createHash('sha256').update(file).digest('base64')
  return { id: file, mime_type: mimeType, sha256, ...(content as object) }
}

const originOf = ({ environment }: MockContext) =>
  ({ environment: environment as Message['environment'], simulated: true }) as const

/** WhatsApp's id of a message, laid out like a real one: who the other is, and 18 hexadecimal digits. */
function wamidOf(context: MockContext, direction: Message['direction'], contact: string, id: string): string {
  const place = [context.project.id, context.environment, id].join('/')
  const digits = createHash('sha256').update(place).digest('hex').slice(0, 18).toUpperCase()
  const bytes = Buffer.concat([
    Buffer.from([0x1c, 0x18, contact.length]),
    Buffer.from(contact),
    Buffer.from([0x15, 0x02, 0x00, direction === 'outbound' ? 0x11 : 0x12, 0x18, 0x12]),
    Buffer.from(digits),
    Buffer.from([0x00]),
  ])
  return `wamid.${bytes.toString('base64')}`
}

const stepOf = (message: OutboundMessage, step: Step, at: number, recipient: Recipient): OutboundMessage => ({
  ...message,
  status: step,
  error: step === 'failed' ? (recipient.error ?? null) : null,
  [`${step}_at`]: timestamp(at),
})

const EVENTS = {
  sent: 'whatsapp.message.sent',
  delivered: 'whatsapp.message.delivered',
  read: 'whatsapp.message.read',
  failed: 'whatsapp.message.failed',
} as const satisfies Record<Step, string>

function goOn(context: MockContext, { id, index }: NextStep): void {
  const found = context.store.get<OutboundMessage>(MESSAGES, id)
  if (found === undefined) return
  const recipient = recipientOf(found.to)
  const step = recipient.course[index]
  if (step === undefined) return
  const now = context.now()
  const message = stepOf(found, step, now, recipient)
  context.store.put(MESSAGES, id, message)
  emit(context, { type: EVENTS[step], phoneNumberId: message.phone_number_id, data: { message } })
  const next = recipient.course[index + 1]
  if (next !== undefined) {
    const payload: NextStep = { id, index: index + 1 }
    context.schedule(STEP, payload, now + STEP_MS[next])
  } else if (recipient.answers) context.schedule(ANSWER, { id }, now + ANSWER_MS)
}

function answer(context: MockContext, { id }: { readonly id: string }): void {
  const message = context.store.get<OutboundMessage>(MESSAGES, id)
  if (message === undefined) return
  const template = templateOf(context, message)
  const buttons = componentOf(template?.components ?? [], 'BUTTONS')?.buttons ?? []
  receive(context, {
    from: message.to,
    phoneNumberId: message.phone_number_id,
    ...answerTo(message, buttons),
    repliesTo: message.wamid ?? undefined,
  })
}

function templateOf(context: MockContext, message: OutboundMessage): Template | undefined {
  const number = findPhoneNumber(context, message.phone_number_id)
  const waba = number && findWaba(context, number.waba_id)
  if (message.type !== 'template' || waba === undefined) return undefined
  const { name, language } = message.template
  const found = sendableTemplate(context, waba, name, language.code)
  return 'refusal' in found ? undefined : found
}

export const messageJobs: Jobs = { [STEP]: goOn, [ANSWER]: answer }

/** Whether anything but a template may be sent to somebody. */
function isInWindow(
  context: MockContext,
  pair: Pair,
  recipient: Recipient,
  open: Conversation | undefined,
): boolean {
  if (recipient.window === 'open') return true
  if (recipient.window === 'closed') return false
  return open !== undefined || (recipient.window === 'first' && !haveTalked(context, pair))
}

export function createMessageHandlers(limits: SendingLimits): Handlers {
  const once = createOnce()

  const accept = (context: MockContext, request: SendMessageRequest): HandlerResult => {
    const sender = senderOf(context, request.phone_number_id)
    if ('refusal' in sender) return sender
    const recipient = recipientOf(request.to)
    const pair: Pair = { phoneNumberId: sender.number.phone_number_id, contact: request.to }
    const open = openConversation(context, pair)
    const template =
      request.type === 'template' ? checkedTemplate(context, sender, request.template) : undefined
    if (template !== undefined && 'refusal' in template) return template
    if (template === undefined && !isInWindow(context, pair, recipient, open))
      return refuse('OUTSIDE_24H_WINDOW', 'The 24-hour window with this recipient is closed; send a template')
    const flaw = contentFlaw(context, request, sender.number)
    if (flaw !== undefined) return flaw
    const opensWith = template !== undefined && open === undefined ? request.to : undefined
    const held = limits.refuse(context, { sender, opensWith })
    if (held !== undefined) return held
    if (recipient.trouble?.isAccepted === false)
      return refuse('META_UPSTREAM_ERROR', 'WhatsApp did not answer properly; try again in a moment')

    const takenAt = limits.take(context, { sender, opensWith })
    const conversation = carryOn(context, {
      ...pair,
      customerId: sender.waba.customer_id,
      // Who may be written to has written, be it before the mock was there.
      by: template === undefined ? 'user' : 'business',
      category: template === undefined ? 'service' : categoryOf(template),
      startsWindow: template !== undefined,
    })
    const message = queued(context, request, sender, conversation)
    context.store.insert(MESSAGES, message.id, message)
    const [first] = recipient.course
    const payload: NextStep = { id: message.id, index: 0 }
    if (first !== undefined) context.schedule(STEP, payload, takenAt + STEP_MS[first])
    return { status: 201, body: message }
  }

  return {
    sendMessage(context) {
      const request = context.request.body as SendMessageRequest
      const result = once(context, {
        key: keyOf(context),
        body: request,
        prepare: filesOf(request).some(({ file }) => isSlow(file)) ? () => sleep(SLOW_MS) : undefined,
        work: () => accept(context, request),
      })
      // The answer gets lost on its way, the message does not.
      const isLost = recipientOf(request.to).trouble?.isAccepted === true
      return isLost && !(result instanceof Promise) && 'body' in result && !isReplay(result)
        ? refuseWith(504, 'The request took too long')
        : result
    },

    listMessages(context) {
      const where = filters(
        context,
        'phone_number_id',
        'status',
        'direction',
        'type',
        'to',
        'conversation_id',
      )
      const { created_after: after, created_before: before } = context.request.parameters.query
      return after === undefined && before === undefined
        ? listed(context, MESSAGES, where)
        : paged(context, createdBetween(context, where, after, before))
    },

    getMessage({ store, request }) {
      const id = String(request.parameters.path.message_id)
      const body = id.startsWith('wamid.')
        ? store.list<Message>(MESSAGES, { where: { wamid: id }, limit: 1 })[0]
        : store.get<Message>(MESSAGES, id)
      return body === undefined ? refuseWith(404, 'There is no message with this id') : { body }
    },
  }
}

const keyOf = ({ request }: HandlerContext): string | undefined => {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' ? key : undefined
}

function createdBetween(
  context: MockContext,
  where: Where,
  after: unknown,
  before: unknown,
): readonly Message[] {
  const from = after === undefined ? Number.NEGATIVE_INFINITY : Date.parse(String(after))
  const to = before === undefined ? Number.POSITIVE_INFINITY : Date.parse(String(before))
  return context.store.list<Message>(MESSAGES, { where, latestFirst: true }).filter(({ created_at }) => {
    const at = Date.parse(created_at)
    return at > from && at < to
  })
}

function checkedTemplate(
  context: MockContext,
  { waba }: Sender,
  { name, language, components = [] }: Extract<SendMessageRequest, { type: 'template' }>['template'],
): Template | HandlerRefusal {
  const template = sendableTemplate(context, waba, name, language.code)
  if ('refusal' in template) return template
  const mismatch = mismatchOf(template, components)
  return mismatch === undefined
    ? template
    : refuse('TEMPLATE_PARAM_MISMATCH', mismatch.message, { field: mismatch.field })
}

const categoryOf = ({ category }: Template): Conversation['category'] =>
  category.toLowerCase() as Conversation['category']

function contentFlaw(
  context: MockContext,
  request: SendMessageRequest,
  number: PhoneNumber,
): HandlerRefusal | undefined {
  for (const { kind, field, file } of filesOf(request)) {
    const refusal = refuseFile(context, file, { kind, field, phoneNumberId: number.phone_number_id })
    if (refusal !== undefined) return refusal
  }
  const flaw = request.type === 'interactive' ? flawInQuestion(request) : undefined
  return flaw && refuseWith(422, flaw.message, { field: flaw.field })
}

function queued(
  context: MockContext,
  request: SendMessageRequest,
  { number, waba }: Sender,
  conversation: Conversation,
): OutboundMessage {
  const {
    messaging_product: _product,
    recipient_type: _recipient,
    phone_number_id: _number,
    ...sent
  } = request
  const id = context.store.nextId(MESSAGES)
  return {
    id,
    wamid: wamidOf(context, 'outbound', sent.to, id),
    direction: 'outbound',
    phone_number_id: number.phone_number_id,
    from: number.display_phone_number_normalized,
    ...sent,
    status: 'queued',
    error: null,
    conversation_id: conversation.id,
    customer_id: waba.customer_id,
    ...originOf(context),
    created_at: timestamp(context.now()),
    sent_at: null,
    delivered_at: null,
    read_at: null,
    failed_at: null,
  }
}
