// Messages: whether one may be sent, and which there are. Nothing ever leaves the mock.

import { setTimeout as sleep } from 'node:timers/promises'
import type { MockContext, Where } from '../../rules/context.js'
import type { HandlerContext, HandlerRefusal, HandlerResult, Handlers } from '../../rules/handlers.js'
import type { PhoneNumber } from '../customers/accounts.js'
import { refuse, refuseWith } from '../errors.js'
import { createOnce, isReplay } from '../idempotency.js'
import { filters, listed, paged } from '../lists.js'
import { mismatchOf } from '../templates/gaps.js'
import { sendableTemplate, type Template } from '../templates/templates.js'
import { timestamp } from '../time.js'
import { filesOf, flawInQuestion, type OutboundMessage, type SendMessageRequest } from './content.js'
import { type Conversation, carryOn, haveTalked, openConversation, type Pair } from './conversations.js'
import { setOut } from './course.js'
import { MESSAGES, type Message, originOf, wamidOf } from './identity.js'
import { isSlow, refuseFile } from './media.js'
import { type Recipient, recipientOf } from './recipients.js'
import { type Sender, senderOf } from './senders.js'
import type { SendingLimits } from './sending-limits.js'

/** How long the mock pretends to fetch a file from a slow place. */
const SLOW_MS = 1_000

function windowRefusal(
  context: MockContext,
  pair: Pair,
  recipient: Recipient,
  open: Conversation | undefined,
  isTemplate: boolean,
) {
  if (isTemplate || isInWindow(context, pair, recipient, open)) return undefined
  return refuse('OUTSIDE_24H_WINDOW', 'The 24-hour window with this recipient is closed; send a template')
}

function upstreamRefusal({ trouble }: Recipient) {
  if (trouble?.isAccepted !== false) return undefined
  return refuse('META_UPSTREAM_ERROR', 'WhatsApp did not answer properly; try again in a moment')
}

/** Whether messages other than templates may be sent to a recipient. */
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

/** Who opens the conversation, and for what. A recipient who may get a message without a template has written first. */
const purposeOf = (template: ReturnType<typeof categoryOf> | undefined) =>
  template === undefined
    ? { by: 'user' as const, category: 'service' as const, startsWindow: false }
    : { by: 'business' as const, category: template, startsWindow: true }

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
    const opensWith = template !== undefined && open === undefined ? request.to : undefined
    const refused =
      windowRefusal(context, pair, recipient, open, template !== undefined) ??
      contentFlaw(context, request, sender.number) ??
      limits.refuse(context, { sender, opensWith }) ??
      upstreamRefusal(recipient)
    if (refused !== undefined) return refused

    const takenAt = limits.take(context, { sender, opensWith })
    const conversation = carryOn(context, {
      ...pair,
      customerId: sender.waba.customer_id,
      ...purposeOf(template && categoryOf(template)),
    })
    const message = queued(context, request, sender, conversation)
    context.store.insert(MESSAGES, message.id, message)
    setOut(context, message, takenAt)
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
