// One delivery: what became of it, what was sent, and how it was signed.

import { dayAndTimeOf, Fact, Facts, Json, Notice, Problem, useAction } from '@gosend/dashboard-ui'
import type { ShownAttempt } from '../../../src/webhooks/shown.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useScope } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { Attempts, DeliveryStatus } from '../webhooks/attempts.js'
import type { Delivery } from './data.js'

interface Sent {
  readonly delivery: Delivery
  readonly attempts: readonly ShownAttempt[]
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** As it is posted. */
  readonly body: string
}

export interface DeliveryDetailProps {
  readonly webhookId: string
  readonly deliveryId: string
}

export function DeliveryDetail({ webhookId, deliveryId }: DeliveryDetailProps) {
  const { api, announce } = useSandbox()
  const scope = useScope()
  const path = `/webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}`
  const topic = topicOf(scope, `/webhooks/${webhookId}/deliveries`)
  const { data, problem, reload } = useLive(`${topic} ${deliveryId}`, [topic], () =>
    api.get<Sent>(path, scope),
  )
  const resending = useAction()
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (data === undefined) return <div class="skeleton" />
  const { delivery, attempts, url, headers, body } = data
  const resend = () =>
    resending.run(async () => {
      await api.send('POST', `${path}/resend`, undefined, scope)
      reload()
      announce('It is sent once more.')
    })
  const signature = headers['x-gosendapi-signature']

  return (
    <>
      <header class="detail-head">
        <h2>
          <DeliveryStatus status={delivery.status} attempts={delivery.attempt} />
          <code>{delivery.event}</code>
        </h2>
        <p class="hint clamp">{url}</p>
      </header>
      {delivery.error !== null && <Notice tone="bad">{delivery.error}</Notice>}
      <div class="button-row">
        <button type="button" class="button" disabled={resending.isBusy} onClick={resend}>
          Send again
        </button>
      </div>
      {resending.problem !== undefined && <Problem text={resending.problem} />}
      <Facts>
        <Fact name="Answer">{delivery.response_status ?? 'None'}</Fact>
        <Fact name="Attempts">{delivery.attempt} of 5</Fact>
        <Fact name="Created">{dayAndTimeOf(delivery.created_at)}</Fact>
        {delivery.delivered_at !== null && (
          <Fact name="Delivered">{dayAndTimeOf(delivery.delivered_at)}</Fact>
        )}
        {delivery.next_attempt_at !== null && (
          <Fact name="Next attempt">{dayAndTimeOf(delivery.next_attempt_at)}</Fact>
        )}
      </Facts>
      <Attempts attempts={attempts} />
      {signature !== undefined && (
        <section class="part">
          <div class="part-head">
            <h3>Signature</h3>
            <CopyButton text={signature} what="The signature" />
          </div>
          <dl class="headers">
            {Object.entries(headers).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <p class="hint">
            HMAC-SHA-256 of the body as it was sent, byte for byte, with the webhook's secret, in hexadecimal.
          </p>
        </section>
      )}
      <section class="part">
        <div class="part-head">
          <h3>Payload</h3>
          <CopyButton text={body} what="The payload as it was sent" />
        </div>
        <Json value={JSON.parse(body)} label="Payload" />
      </section>
    </>
  )
}
