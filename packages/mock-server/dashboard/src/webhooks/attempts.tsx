// How a delivery stands, and what each attempt was answered.

import { dayAndTimeOf } from '@gosend/dashboard-ui'
import type { ShownAttempt } from '../../../src/webhooks/shown.js'

const CLASSES = { delivered: 'active', pending: 'ending', retrying: 'ending', failed: 'revoked' } as const

export interface Standing {
  readonly status: 'pending' | 'delivered' | 'failed' | 'retrying'
  readonly attempts: number
}

/** A delivery that was answered is not waiting for its answer: it is sent again. */
export function DeliveryStatus({ status, attempts }: Standing) {
  const word = status === 'pending' && attempts > 0 ? 'retrying' : status
  return (
    <span class={`badge ${CLASSES[word]}`}>
      {word}
      {attempts > 1 && ` (${attempts})`}
    </span>
  )
}

export function Attempts({ attempts }: { readonly attempts: readonly ShownAttempt[] }) {
  if (attempts.length === 0) return null
  return (
    <section class="part" aria-label="Attempts">
      <h3>Attempts</h3>
      <ol class="plain-list attempts">
        {attempts.map(({ at, status, body, error }, index) => (
          <li key={index}>
            <span class={`badge ${isTaken(status) ? 'active' : 'revoked'}`}>{status ?? 'no answer'}</span>
            <code class="clamp">{error ?? body ?? ''}</code>
            <time class="hint" dateTime={at}>
              {dayAndTimeOf(at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  )
}

const isTaken = (status: number | null): boolean => status !== null && status >= 200 && status < 300
