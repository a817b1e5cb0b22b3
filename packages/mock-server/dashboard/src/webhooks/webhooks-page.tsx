// Webhooks and callbacks of any document: what there is, where it goes, and every delivery.

import {
  Empty,
  Instant,
  ListDetail,
  Problem,
  RowLink,
  Rows,
  Skeleton,
  spanDays,
  useAction,
} from '@gosend/dashboard-ui'
import { useMemo, useState } from 'preact/hooks'
import type { ShownDelivery, ShownWebhook, ShownWebhooks } from '../../../src/webhooks/shown.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { topicOf, useChoice, useHref, useScope } from '../place.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { DeliveryStatus } from './attempts.js'
import { DeliveryDetail } from './delivery-detail.js'

function Webhooks() {
  const { api } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const [chosen] = useChoice()
  const topic = topicOf(scope, 'webhook ')
  const described = useLive(`${topic} described`, [topic], () => api.get<ShownWebhooks>('/webhooks', scope))
  const sent = useLive(topic, [topic], () => api.get<readonly ShownDelivery[]>('/webhook-deliveries', scope))
  const problem = described.problem ?? sent.problem
  const list = (
    <>
      {described.data === undefined && problem === undefined && <Skeleton />}
      {described.data !== undefined && <Described {...described.data} />}
      {sent.data !== undefined && sent.data.length > 0 && (
        <Deliveries deliveries={sent.data} chosen={chosen} />
      )}
    </>
  )
  return (
    <>
      <Head title="Webhooks" lead="What the API sends by itself, where it goes, and what came back.">
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} onRetry={described.reload} />}
      <ListDetail
        list={list}
        detail={chosen === undefined ? undefined : <DeliveryDetail key={chosen} id={chosen} />}
        label="Delivery"
        home={href()}
        chosen={chosen}
      />
    </>
  )
}

function Deliveries({
  deliveries,
  chosen,
}: {
  readonly deliveries: readonly ShownDelivery[]
  readonly chosen: string | undefined
}) {
  const href = useHref()
  const withDay = useMemo(() => spanDays(deliveries.map(({ createdAt }) => createdAt)), [deliveries])
  return (
    <Rows label="Deliveries">
      {deliveries.map(({ id, status, attempts, event, createdAt }) => (
        <RowLink key={id} href={href([id])} name={id} isChosen={chosen === id} columns="delivery-line">
          <DeliveryStatus status={status} attempts={attempts.length} />
          <code class="cut">{event}</code>
          <Instant at={createdAt} withDay={withDay} />
        </RowLink>
      ))}
    </Rows>
  )
}

function Described({ webhooks, endpoints }: ShownWebhooks) {
  if (webhooks.length === 0)
    return (
      <Empty icon={icons.webhooks} title="No webhooks in this document">
        <p>
          What it has below “webhooks”, “x-webhooks” and “callbacks” is sent when it happens, and listed here.
        </p>
      </Empty>
    )
  return (
    <section class="card" aria-labelledby="described-title">
      <h2 id="described-title">What is sent, and where</h2>
      <ul class="plain-list">
        {webhooks.map((webhook) => (
          <Line
            key={`${webhook.kind} ${webhook.name} ${webhook.after}`}
            webhook={webhook}
            canSend={endpoints.length > 0}
          />
        ))}
      </ul>
      {endpoints.length === 0 ? <NoEndpoints /> : <Endpoints endpoints={endpoints} />}
    </section>
  )
}

function Line({ webhook, canSend }: { readonly webhook: ShownWebhook; readonly canSend: boolean }) {
  const { api, announce } = useSandbox()
  const scope = useScope()
  const sending = useAction()
  const { name, kind } = webhook
  const sendNow = () =>
    sending.run(async () => {
      await api.send('POST', `/webhooks/${encodeURIComponent(name)}`, undefined, scope)
      announce(`${name} is sent.`)
    })
  return (
    <li>
      <span>
        <code>{name}</code> <span class="hint">{sentenceOf(webhook)}</span>
        {sending.problem !== undefined && <Problem text={sending.problem} />}
      </span>
      {kind === 'webhook' && canSend && (
        <button type="button" class="button small" disabled={sending.isBusy} onClick={sendNow}>
          Send now
        </button>
      )}
    </li>
  )
}

const KINDS: Readonly<Record<string, string>> = { create: 'created', update: 'updated', delete: 'deleted' }

function sentenceOf({ after, on, things, operations }: ShownWebhook): string {
  if (after !== null) return `after ${after}`
  const when = on.map((word) => KINDS[word] ?? word).join(', ')
  if (operations.length > 0) return `after ${operations.join(', ')}`
  return things.length === 0 ? 'when you ask for it' : `${things.join(', ')}: ${when}`
}

function Endpoints({ endpoints }: Pick<ShownWebhooks, 'endpoints'>) {
  return (
    <ul class="plain-list" aria-label="Endpoints">
      {endpoints.map(({ url, events, origin }) => (
        <li key={`${origin} ${url}`}>
          <code class="clamp">{url}</code>
          <span class="hint">{events === null ? 'all events' : events.join(', ')}</span>
        </li>
      ))}
    </ul>
  )
}

function NoEndpoints() {
  const { api, announce } = useSandbox()
  const scope = useScope()
  const [url, setUrl] = useState('')
  const adding = useAction()
  const add = (event: Event) => {
    event.preventDefault()
    return adding.run(async () => {
      await api.send('PUT', '/webhooks', [url], scope)
      announce(`Webhooks are sent to ${url}.`)
    })
  }
  return (
    <form onSubmit={add}>
      <p class="hint">
        No endpoint gets them yet. Start the mock with --webhook, subscribe by the API itself, or name a
        server:
      </p>
      <div class="inline-form">
        <input
          class="input"
          aria-label="Address"
          type="url"
          required
          placeholder="http://127.0.0.1:3000/hook"
          value={url}
          onInput={({ currentTarget }) => setUrl(currentTarget.value)}
        />
        <button type="submit" class="button" disabled={adding.isBusy}>
          Send there
        </button>
      </div>
      {adding.problem !== undefined && <Problem text={adding.problem} />}
    </form>
  )
}

export const webhooksPage = createPage(
  { id: 'webhooks', title: 'Webhooks', icon: icons.webhooks, shortcut: 'w' },
  Webhooks,
)
