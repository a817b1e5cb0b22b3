// One delivery of an API's documented webhooks.

import { dayAndTimeOf, Fact, Problem, Skeleton } from '@gosend/dashboard-ui'
import type { ShownDelivery } from '../../../src/webhooks/shown.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useScope } from '../place.js'
import { DeliveryView } from './delivery-view.js'

interface Detail extends ShownDelivery {
  readonly headers: Readonly<Record<string, string>>
}

export function DeliveryDetail({ id }: { readonly id: string }) {
  const { api } = useSandbox()
  const scope = useScope()
  const path = `/webhook-deliveries/${encodeURIComponent(id)}`
  const topic = topicOf(scope, 'webhook ')
  const { data, problem, reload } = useLive(`${topic} ${id}`, [topic], () => api.get<Detail>(path, scope))
  if (problem !== undefined) return <Problem text={problem} onRetry={reload} />
  if (data === undefined) return <Skeleton />
  const { status, attempts, event, method, url, error, headers, body, nextAttemptAt, deliveredAt } = data
  return (
    <DeliveryView
      {...{ event, error, attempts, headers, body }}
      outcome={{ status, attempts: attempts.length }}
      address={`${method} ${url}`}
      isEditable
      facts={
        <>
          <Fact name="Created">{dayAndTimeOf(data.createdAt)}</Fact>
          {deliveredAt !== null && <Fact name="Delivered">{dayAndTimeOf(deliveredAt)}</Fact>}
          {nextAttemptAt !== null && <Fact name="Next attempt">{dayAndTimeOf(nextAttemptAt)}</Fact>}
        </>
      }
      onResend={async (edited) => {
        await api.send('POST', `${path}/resend`, edited, scope)
        reload()
      }}
    />
  )
}
