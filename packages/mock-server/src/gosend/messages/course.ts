// What becomes of a message that was sent, step by step by the mock's clock, and what the person answers.

import type { MockContext } from '../../rules/context.js'
import type { Jobs } from '../../rules/rules.js'
import { findPhoneNumber, findWaba } from '../customers/accounts.js'
import { componentOf } from '../templates/gaps.js'
import { sendableTemplate, type Template } from '../templates/templates.js'
import { timestamp } from '../time.js'
import { emit } from '../webhooks/events.js'
import { answerTo, type OutboundMessage } from './content.js'
import { MESSAGES } from './identity.js'
import { receive } from './inbound.js'
import { type Recipient, recipientOf, type Step } from './recipients.js'

/** How long each step of a message takes, after the one before it. */
const STEP_MS: Readonly<Record<Step, number>> = { sent: 100, delivered: 400, read: 1_500, failed: 400 }
/** How long a person takes to answer what they have read. */
const ANSWER_MS = 1_000

const STEP = 'gosend.message'
const ANSWER = 'gosend.answer'

interface NextStep {
  readonly id: string
  /** Of the recipient's course. */
  readonly index: number
}

/**
 * Sends a message on its way.
 *
 * @param takenAt when WhatsApp has room for it.
 */
export function setOut(context: MockContext, { id, to }: OutboundMessage, takenAt: number): void {
  const [first] = recipientOf(to).course
  const payload: NextStep = { id, index: 0 }
  if (first !== undefined) context.schedule(STEP, payload, takenAt + STEP_MS[first])
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
