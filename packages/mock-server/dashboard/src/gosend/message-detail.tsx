// One message: its life cycle, and all that the API says of it.

import { Fact, Facts, Instant, Json, lengthOf, Notice } from '@gosend/dashboard-ui'
import { useHref } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import type { Message } from './data.js'
import { MessageStatus } from './message-status.js'
import { lineOf, numberOf, otherOf } from './message-text.js'

type Outbound = Extract<Message, { direction: 'outbound' }>

export function MessageDetail({ message }: { readonly message: Message }) {
  const href = useHref()
  return (
    <>
      <header class="detail-head">
        <h2>
          <MessageStatus status={message.status} />
          <span class="clamp">{lineOf(message)}</span>
        </h2>
      </header>
      {message.direction === 'outbound' && message.error !== null && (
        <Notice tone="bad">
          {message.error.title} ({message.error.code}). {message.error.message}
        </Notice>
      )}
      {message.direction === 'outbound' && <Course message={message} />}
      <Facts>
        <Fact name={message.direction === 'outbound' ? 'To' : 'From'}>
          <a href={href([message.phone_number_id, otherOf(message)], 'conversations')}>
            {numberOf(otherOf(message))}
          </a>
        </Fact>
        <Fact name="Number">
          <code>{message.phone_number_id}</code>
        </Fact>
        <Fact name="Type">{message.type}</Fact>
        <Fact name="Id">
          <code>{message.id}</code>
        </Fact>
      </Facts>
      <section class="part">
        <div class="part-head">
          <h3>As the API shows it</h3>
          <CopyButton text={JSON.stringify(message, null, 2)} what="The message" />
        </div>
        <Json value={message} label="Message" />
      </section>
    </>
  )
}

const STEPS = ['created', 'sent', 'delivered', 'read', 'failed'] as const
const NAMES = {
  created: 'Queued',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Failed',
} as const
const CLASSES: Readonly<Record<string, string>> = { read: 'issued', failed: 'revoked' }

/** What has happened to it, and what could still. */
function Course({ message }: { readonly message: Outbound }) {
  const reached = STEPS.map((step) => ({ step, at: message[`${step}_at`] }))
  const isOver = message.status === 'failed' || message.status === 'read'
  const shown = reached.filter(({ step, at }) => at !== null || (!isOver && step !== 'failed'))
  const began = Date.parse(message.created_at)
  return (
    <section class="part" aria-label="Life cycle">
      <ol class="course">
        {shown.map(({ step, at }) => (
          <li key={step} class={at === null ? 'ahead' : (CLASSES[step] ?? 'done')}>
            <span>{NAMES[step]}</span>
            <span class="hint">
              {at === null ? (
                'not yet'
              ) : step === 'created' ? (
                <Instant at={at} />
              ) : (
                `after ${afterOf(Date.parse(at) - began)}`
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

const afterOf = (milliseconds: number): string =>
  milliseconds < 10_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : lengthOf(milliseconds)
