// People who always behave the same, so that a test can ask for what it needs by the number that it writes to. Their
// numbers are of the range that North America keeps for fiction.

import type { GosendComponents } from '@gosend/openapi'

export type MessageError = GosendComponents['schemas']['MessageError']

/** What a message to somebody goes through, and what else is special about them. */
export interface Recipient {
  /** How far messages get on their way. */
  readonly course: readonly Step[]
  /** WhatsApp's reason for the step `failed`. */
  readonly error?: MessageError
  /**
   * `open` and `closed` hold whatever has been written; `first` means that the person wrote just before they were first
   * written to. By default nobody has written who has not been seen to.
   */
  readonly window?: 'open' | 'closed' | 'first'
  /** Whether the person writes back. */
  readonly answers?: boolean
  /** What `POST /messages` answers instead of `201`: without the message, or although it is on its way. */
  readonly trouble?: { readonly status: 502 | 504; readonly isAccepted: boolean }
}

export type Step = 'sent' | 'delivered' | 'read' | 'failed'

const WHOLE_WAY: readonly Step[] = ['sent', 'delivered', 'read']

/** Everybody else: gets and reads everything, and must have written first. */
export const ANYBODY: Recipient = { course: WHOLE_WAY }

const failing = (code: number, title: string, message: string): Recipient => ({
  course: ['sent', 'failed'],
  window: 'open',
  error: { code, title, message },
})

export const RECIPIENTS: Readonly<Record<string, Recipient>> = {
  // The person of the document's examples: they can be sent as they stand.
  '5491140123456': { course: WHOLE_WAY, window: 'first' },
  '12025550100': { course: WHOLE_WAY, window: 'open' },
  '12025550101': { course: ['sent', 'delivered'], window: 'open' },
  '12025550102': { course: ['sent'], window: 'open' },
  '12025550103': { course: WHOLE_WAY, window: 'open', answers: true },
  '12025550104': { course: ['sent', 'read'], window: 'open' },
  '12025550105': { course: WHOLE_WAY, window: 'closed' },
  '12025550106': { course: [], window: 'open' },
  '12025550110': failing(
    131026,
    'Message undeliverable',
    'The recipient is not on WhatsApp or cannot receive this message.',
  ),
  '12025550111': failing(
    131047,
    'Re-engagement message',
    'More than 24 hours have passed since the recipient last wrote.',
  ),
  '12025550112': failing(
    131049,
    'Not delivered to keep engagement healthy',
    'The recipient has had enough marketing messages for now.',
  ),
  '12025550113': failing(
    131053,
    'Media upload error',
    'WhatsApp could not take over the file of this message.',
  ),
  '12025550114': failing(
    131056,
    'Pair rate limit hit',
    'Too many messages went from this number to this recipient in a short time.',
  ),
  '12025550115': failing(130429, 'Rate limit hit', 'This number has sent more than WhatsApp takes a second.'),
  '12025550116': failing(
    131042,
    'Business eligibility payment issue',
    'The account has no valid way to pay.',
  ),
  '12025550117': failing(131000, 'Something went wrong', 'WhatsApp could not send the message.'),
  '12025550120': {
    course: WHOLE_WAY,
    window: 'open',
    trouble: { status: 502, isAccepted: false },
  },
  '12025550121': {
    course: WHOLE_WAY,
    window: 'open',
    trouble: { status: 504, isAccepted: true },
  },
}

export const recipientOf = (number: string): Recipient => RECIPIENTS[number] ?? ANYBODY
