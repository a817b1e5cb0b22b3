// One delivery: what was sent, what each attempt was answered, and how to send it again, edited if you like.

import { dayAndTimeOf, Fact, Facts, Json, Notice, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import type { ShownDelivery } from '../../../src/webhooks/shown.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useScope } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { Attempts, DeliveryStatus } from './attempts.js'

interface Detail extends ShownDelivery {
  readonly headers: Readonly<Record<string, string>>
}

export function DeliveryDetail({ id }: { readonly id: string }) {
  const { api, announce } = useSandbox()
  const scope = useScope()
  const path = `/webhook-deliveries/${encodeURIComponent(id)}`
  const topic = topicOf(scope, 'webhook ')
  const { data, problem, reload } = useLive(`${topic} ${id}`, [topic], () => api.get<Detail>(path, scope))
  const resending = useAction()
  const [draft, setDraft] = useState<string | undefined>(undefined)
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (data === undefined) return <div class="skeleton" />
  const { status, attempts, event, method, url, error, headers, body, nextAttemptAt, deliveredAt } = data
  const value = jsonIn(body)
  const resend = () =>
    resending.run(async () => {
      const edited = draft === undefined ? undefined : { body: JSON.parse(draft) as unknown }
      await api.send('POST', `${path}/resend`, edited, scope)
      setDraft(undefined)
      reload()
      announce('It is sent once more.')
    })
  return (
    <>
      <header class="detail-head">
        <h2>
          <DeliveryStatus status={status} attempts={attempts.length} />
          <code>{event}</code>
        </h2>
        <p class="hint clamp">
          {method} {url}
        </p>
      </header>
      {error !== null && <Notice tone="bad">{error}</Notice>}
      <div class="button-row">
        <button type="button" class="button" disabled={resending.isBusy} onClick={resend}>
          {draft === undefined ? 'Send again' : 'Send edited'}
        </button>
        {value !== undefined && (
          <button
            type="button"
            class="button"
            onClick={() => setDraft(draft === undefined ? JSON.stringify(value, null, 2) : undefined)}
          >
            {draft === undefined ? 'Edit' : 'Discard changes'}
          </button>
        )}
      </div>
      {resending.problem !== undefined && <Problem text={resending.problem} />}
      <Facts>
        <Fact name="Created">{dayAndTimeOf(data.createdAt)}</Fact>
        {deliveredAt !== null && <Fact name="Delivered">{dayAndTimeOf(deliveredAt)}</Fact>}
        {nextAttemptAt !== null && <Fact name="Next attempt">{dayAndTimeOf(nextAttemptAt)}</Fact>}
      </Facts>
      <Attempts attempts={attempts} />
      <section class="part">
        <h3>Headers</h3>
        <dl class="headers">
          {Object.entries(headers).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="part">
        <div class="part-head">
          <h3>Payload</h3>
          <CopyButton text={body} what="The payload as it was sent" />
        </div>
        {draft !== undefined && (
          <textarea
            class="input payload-edit"
            aria-label="Payload"
            value={draft}
            onInput={({ currentTarget }) => setDraft(currentTarget.value)}
          />
        )}
        {draft === undefined &&
          (value === undefined ? <pre>{body}</pre> : <Json value={value} label="Payload" />)}
      </section>
    </>
  )
}

/** Undefined for what is no JSON, such as a form. */
function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
