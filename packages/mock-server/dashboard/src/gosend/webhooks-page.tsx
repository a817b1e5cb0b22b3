// Webhooks, and every delivery to them.

import { Empty, Instant, ListDetail, Problem, RowLink, Rows, Skeleton, spanDays } from '@gosend/dashboard-ui'
import { useMemo } from 'preact/hooks'
import { curlTo, quoted } from '../../../src/control/drafted-request.js'
import type { SandboxKeysView } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { useChoice, useHref, useScope } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { DeliveryStatus } from '../webhooks/attempts.js'
import { type Delivery, useCollection, type Webhook } from './data.js'
import { DeliveryDetail } from './delivery-detail.js'

function Webhooks() {
  const href = useHref()
  const [webhookId, deliveryId] = useChoice()
  const { data: webhooks, problem, reload } = useCollection<Webhook>('/webhooks')
  const list = (
    <>
      {webhooks === undefined && problem === undefined && <Skeleton />}
      {webhooks?.length === 0 && <NoWebhooks />}
      {webhooks?.map((webhook) => (
        <WebhookCard
          key={webhook.id}
          webhook={webhook}
          chosen={webhook.id === webhookId ? deliveryId : undefined}
        />
      ))}
    </>
  )
  return (
    <>
      <Head title="Webhooks" lead="Where events go, what was sent with which signature, and what came back.">
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      <ListDetail
        list={list}
        detail={
          webhookId === undefined || deliveryId === undefined ? undefined : (
            <DeliveryDetail key={`${webhookId} ${deliveryId}`} {...{ webhookId, deliveryId }} />
          )
        }
        label="Delivery"
        home={href()}
        chosen={deliveryId && `${webhookId} ${deliveryId}`}
      />
    </>
  )
}

interface WebhookCardProps {
  readonly webhook: Webhook
  /** The delivery that is shown beside. */
  readonly chosen: string | undefined
}

function WebhookCard({ webhook, chosen }: WebhookCardProps) {
  const { id, url, events, enabled, phone_number_id: number } = webhook
  const href = useHref()
  const { data: deliveries } = useCollection<Delivery>(`/webhooks/${id}/deliveries`)
  const withDay = useMemo(() => spanDays(deliveries?.map(({ created_at }) => created_at) ?? []), [deliveries])
  return (
    <section class="card webhook" aria-label={`Webhook ${id}`}>
      <header class="webhook-head">
        <h2 class="clamp">{url}</h2>
        <p class="hint">
          {!enabled && <span class="badge ending">switched off</span>}{' '}
          {number === null ? 'Of the project' : `Of number ${number}`} · {events.length}{' '}
          {events.length === 1 ? 'event' : 'events'}
          {deliveries !== undefined &&
            ` · ${deliveries.length} ${deliveries.length === 1 ? 'delivery' : 'deliveries'}`}
        </p>
      </header>
      {deliveries?.length === 0 && (
        <p class="hint webhook-none">Nothing has happened yet that it asked for.</p>
      )}
      {deliveries !== undefined && deliveries.length > 0 && (
        <Rows label={`Deliveries to ${url}`} isCard={false}>
          {deliveries.map((delivery) => (
            <RowLink
              key={delivery.id}
              href={href([id, delivery.id])}
              name={delivery.id}
              isChosen={delivery.id === chosen}
              columns="delivery-line"
            >
              <DeliveryStatus status={delivery.status} attempts={delivery.attempt} />
              <code class="cut">{delivery.event.replace(/^whatsapp\./, '')}</code>
              <Instant at={delivery.created_at} withDay={withDay} />
            </RowLink>
          ))}
        </Rows>
      )}
    </section>
  )
}

function NoWebhooks() {
  const { api } = useSandbox()
  const { environment } = useScope()
  const { data: keys } = useLive('keys', [], () => api.get<SandboxKeysView>('/keys'))
  const body = JSON.stringify({
    url: 'http://127.0.0.1:3000/webhooks',
    events: ['whatsapp.message.received', 'whatsapp.message.delivered'],
    phone_number_id: '1',
    type: 'gosendapi_events',
  })
  const key = environment === 'production' ? keys?.production : keys?.sandbox
  const curl = `${curlTo(location.origin)} ${location.origin}/v1/webhooks -H 'X-API-Key: ${key}' -H 'Content-Type: application/json' -d ${quoted(body)}`
  return (
    <Empty icon={icons.webhooks} title="No webhooks yet">
      <p>Create one with a server on this machine, and see here what it is sent.</p>
      {key !== undefined && (
        <div class="snippet-box command">
          <code>{curl}</code>
          <CopyButton text={curl} what="The command" />
        </div>
      )}
    </Empty>
  )
}

export const webhooksPage = createPage(
  { id: 'webhooks', title: 'Webhooks', icon: icons.webhooks, shortcut: 'w' },
  Webhooks,
)
