// A person writes to one of the project's numbers: in answer to a message, or by `POST /_mock/inbound`.

import { createHash } from 'node:crypto'
import { isObject, type JsonObject } from '../../engine/json.js'
import type { MockContext } from '../../rules/context.js'
import type { Control } from '../../rules/rules.js'
import {
  findPhoneNumber,
  findWaba,
  metaIdOf,
  PHONE_NUMBERS,
  type PhoneNumber,
} from '../customers/accounts.js'
import { refuseWith } from '../errors.js'
import { timestamp } from '../time.js'
import { emit } from '../webhooks/events.js'
import type { Content, InboundMessage } from './content.js'
import { carryOn } from './conversations.js'
import { MESSAGES, originOf, wamidOf } from './identity.js'

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

type Type = InboundMessage['type']

/** Whether a message of a type says anything without its content. Files need none: the mock makes one up. */
const TYPES: Readonly<Record<Type, 'needed' | 'optional' | 'none'>> = {
  text: 'needed',
  image: 'optional',
  video: 'optional',
  audio: 'optional',
  document: 'optional',
  sticker: 'optional',
  location: 'needed',
  contacts: 'needed',
  interactive: 'needed',
  button: 'needed',
  reaction: 'needed',
  unsupported: 'none',
}

const isType = (type: unknown): type is Type => typeof type === 'string' && Object.hasOwn(TYPES, type)

/**
 * `{ from, text }`, or the content that WhatsApp would report: `{ from, type: 'button', button: { text } }`. Beside it
 * `phone_number_id` (by default the first number), `profile_name`, and `context: { message_id }` for a reply.
 */
export const inbound: Control = (context) => {
  const { body } = context
  if (!isObject(body))
    throw new TypeError('Send who writes and what: { "from": "5491140123456", "text": "Hello" }')
  const message = readMessage(body)
  const wanted = body.phone_number_id
  if (wanted !== undefined && typeof wanted !== 'string') throw new TypeError('phone_number_id must be text')
  // Ids of numbers are unique, so a request need not say whose number it is.
  const owner = wanted === undefined || findPhoneNumber(context, wanted) ? context : ownerOf(context, wanted)
  const first = context.store.list<PhoneNumber>(PHONE_NUMBERS, { where: { status: 'active' }, limit: 1 })[0]
  const phoneNumberId = wanted ?? first?.phone_number_id
  const taken = phoneNumberId === undefined ? undefined : receive(owner, { ...message, phoneNumberId })
  return taken ?? refuseWith(404, `There is no number ${phoneNumberId ?? ''} that takes messages`)
}

/** @throws TypeError that says which member is wrong. */
function readMessage(body: JsonObject) {
  const { from, type = 'text', profile_name: profileName = null, context: reply } = body
  if (typeof from !== 'string' || !/^[1-9]\d{6,14}$/.test(from))
    throw new TypeError('from must be a phone number in E.164 form without the plus sign')
  if (!isType(type)) throw new TypeError(`type must be one of ${Object.keys(TYPES).join(', ')}`)
  if (profileName !== null && typeof profileName !== 'string')
    throw new TypeError('profile_name must be text')
  const repliesTo = isObject(reply) ? reply.message_id : undefined
  if (repliesTo !== undefined && typeof repliesTo !== 'string')
    throw new TypeError('context.message_id must be the wamid of a message')
  return { from, type, profileName, repliesTo, content: contentOf(type, body[type]) }
}

const ownerOf = (context: Parameters<Control>[0], id: string) =>
  context.everywhere().find((other) => findPhoneNumber(other, id) !== undefined) ?? context

function contentOf(type: Type, content: unknown): unknown {
  if (TYPES[type] === 'none') return undefined
  if (type === 'text' && typeof content === 'string' && content !== '') return { body: content }
  if (content === undefined && TYPES[type] === 'optional') return {}
  if (type === 'contacts' ? Array.isArray(content) : isObject(content)) return content
  throw new TypeError(`${type} must hold what was sent`)
}
