// One delivery of GoSendAPI's webhooks, with its signature.

import { dayAndTimeOf, Fact, Problem, Skeleton } from '@gosend/dashboard-ui'
import type { ShownAttempt } from '../../../src/webhooks/shown.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useScope } from '../place.js'
import { DeliveryView } from '../webhooks/delivery-view.js'
import type { Delivery } from './data.js'

interface Sent {
  readonly delivery: Delivery
  readonly attempts: readonly ShownAttempt[]
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** As it is posted. */
  readonly body: string
}

const ABOUT_SIGNATURE =
  "HMAC-SHA-256 of the body as it was sent, byte for byte, with the webhook's secret, in hexadecimal."

export interface DeliveryDetailProps {
  readonly webhookId: string
  readonly deliveryId: string
}

export function DeliveryDetail({ webhookId, deliveryId }: DeliveryDetailProps) {
  const { api } = useSandbox()
  const scope = useScope()
  const path = `/webhooks/${encodeURIComponent(webhookId)}/deliveries/${encodeURIComponent(deliveryId)}`
  const topic = topicOf(scope, `/webhooks/${webhookId}/deliveries`)
  const { data, problem, reload } = useLive(`${topic} ${deliveryId}`, [topic], () =>
    api.get<Sent>(path, scope),
  )
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (data === undefined) return <Skeleton />
  const { delivery, attempts, url, headers, body } = data
  const { status, attempt, event, error, created_at, delivered_at, next_attempt_at } = delivery
  const text = headers['x-gosendapi-signature']
  return (
    <DeliveryView
      {...{ event, error, attempts, headers, body }}
      outcome={{ status, attempts: attempt }}
      address={url}
      isEditable={false}
      signature={text === undefined ? undefined : { text, about: ABOUT_SIGNATURE }}
      facts={
        <>
          <Fact name="Answer">{delivery.response_status ?? 'None'}</Fact>
          <Fact name="Attempts">{attempt} of 5</Fact>
          <Fact name="Created">{dayAndTimeOf(created_at)}</Fact>
          {delivered_at !== null && <Fact name="Delivered">{dayAndTimeOf(delivered_at)}</Fact>}
          {next_attempt_at !== null && <Fact name="Next attempt">{dayAndTimeOf(next_attempt_at)}</Fact>}
        </>
      }
      onResend={async (edited) => {
        await api.send('POST', `${path}/resend`, edited, scope)
        reload()
      }}
    />
  )
}
