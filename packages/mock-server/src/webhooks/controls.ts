// What a user does to webhooks through the control plane: registers addresses, sends one now, looks at deliveries, and sends
// them again, edited or not.

import type { OutgoingWebhook } from '@gosend/auth-core/webhooks'
import {
  checkOptions,
  listOf,
  matching,
  type OptionTable,
  object,
  required,
  text,
  texts,
} from '@gosend/options'
import { isObject, member } from '../engine/json.js'
import type { MockContext } from '../rules/context.js'
import type { HandlerRefusal } from '../rules/handlers.js'
import type { Control, ControlContext } from '../rules/rules.js'
import type { ControlLine } from './control-lines.js'
import { type Endpoint, register } from './endpoints.js'
import { deliveriesIn, findDelivery, resend, type StoredDelivery, shownDelivery } from './outbox.js'
import { checkUrl, type Publisher, type PublisherOptions } from './publisher.js'
import type { Described } from './readings.js'
import type { ShownEndpoint, ShownWebhook, ShownWebhooks } from './shown.js'
import type { Proof } from './signatures.js'

const refuse = (status: number, message: string): HandlerRefusal => ({ refusal: { status, message } })

interface Registered {
  readonly url: string
  readonly events?: readonly string[] | undefined
  readonly secret?: string | undefined
}

const address = matching(/^https?:\/\/\S+$/i, 'must be an http or https address')

const registration: OptionTable<{ readonly endpoints: readonly Registered[] }> = {
  endpoints: required(
    listOf(
      object<Registered>({ url: required(address), events: texts, secret: text }),
      'must be a list of addresses, or of objects such as { "url": "http://localhost:3000/hook" }',
    ),
  ),
}

export function webhookControls(
  publisher: Publisher,
  { secret }: Pick<PublisherOptions, 'secret'>,
): Readonly<Record<ControlLine, Control>> {
  const all = (context: MockContext): ShownWebhooks => ({
    webhooks: publisher.described().map(shownWebhook),
    endpoints: publisher.endpoints(context).map(shownEndpoint),
  })
  const found = (context: ControlContext, act: (delivery: StoredDelivery) => unknown): unknown => {
    const { id = '' } = context.parameters
    const delivery = findDelivery(context, id)
    return delivery === undefined ? refuse(404, `There is no delivery ${id}`) : act(delivery)
  }
  return {
    'GET /_mock/webhooks': all,

    'GET /_mock/webhooks/secret': () => ({ secret: secret() }),

    /** A list of addresses, or `{ endpoints: [{ url, events, secret }] }`; it replaces those that were registered so. */
    'PUT /_mock/webhooks': (context) => {
      const given = Array.isArray(context.body) ? { endpoints: context.body } : context.body
      const listed = [member(given, 'endpoints')]
        .flat()
        .map((one) => (typeof one === 'string' ? { url: one } : one))
      const sent = isObject(given) && Array.isArray(given.endpoints) ? { ...given, endpoints: listed } : given
      const { endpoints } = checkOptions(registration, sent as { endpoints: readonly Registered[] })
      for (const { url } of endpoints) checkUrl(publisher.targets, url)
      register(
        context,
        endpoints.map(({ url, events, secret: own }) => ({ url, events, secret: own })),
      )
      return all(context)
    },

    /** The body is laid over the payload. `?event=` picks one of several, `?url=` sends it there alone. */
    'POST /_mock/webhooks/{name}': (context) => {
      const name = decoded(context.parameters.name ?? '')
      const url = context.query.get('url') ?? undefined
      const event = context.query.get('event') ?? undefined
      const queued = publisher.ask(context, { name, body: context.body, event, url })
      if ('message' in queued) return refuse(queued.part === 'name' ? 404 : 400, queued.message)
      return queued.length === 0
        ? refuse(
            409,
            `No endpoint gets ${name}: start the mock with --webhook URL, PUT /_mock/webhooks, or add ?url=`,
          )
        : queued.map(shownDelivery)
    },

    /** The latest first. */
    'GET /_mock/webhook-deliveries': (context) => {
      const limit = Math.min(500, Math.max(1, Number(context.query.get('limit') ?? 100) || 100))
      return deliveriesIn(context, limit).map(shownDelivery)
    },

    'GET /_mock/webhook-deliveries/{id}': (context) =>
      found(context, (delivery) => ({
        ...shownDelivery(delivery),
        headers: lastingHeaders(delivery, publisher.outgoing(context, delivery)),
      })),

    /** `{ body?, url? }` changes what is sent. */
    'POST /_mock/webhook-deliveries/{id}/resend': (context) =>
      found(context, (delivery) => {
        const { body: edit } = context
        const body = member(edit, 'body')
        const url = member(edit, 'url')
        if (url !== undefined) checkUrl(publisher.targets, String(url))
        const edited = body === undefined ? delivery : publisher.edited(delivery, body)
        if (typeof edited === 'string') return refuse(400, edited)
        const moved = url === undefined ? edited : { ...edited, url: String(url), endpoint: undefined }
        return shownDelivery(resend(context, moved))
      }),
  }
}

const CHANGING = new Set(['webhook-timestamp', 'webhook-signature'])

/** Those that are the same for each attempt, without credentials. */
function lastingHeaders(
  { headers, proof }: StoredDelivery,
  sent: OutgoingWebhook | string,
): Readonly<Record<string, string>> {
  if (typeof sent === 'string') return headers
  const hidden = new Set((proof as Proof).credentials.map(({ name }) => name.toLowerCase()))
  return Object.fromEntries(
    Object.entries(sent.headers).filter(
      ([name]) => name !== 'cookie' && !CHANGING.has(name) && !hidden.has(name),
    ),
  )
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const shownEndpoint = ({ url, events, origin }: Endpoint): ShownEndpoint => ({
  url,
  events: events ?? null,
  origin,
})

const shownWebhook = ({ request, signals }: Described): ShownWebhook => {
  const { name, operation, callback } = request
  const events = signals.flatMap(({ event }) => (event === undefined ? [] : [event.value]))
  return {
    name,
    kind: callback === undefined ? 'webhook' : 'callback',
    method: operation.method,
    after: callback === undefined ? null : `${callback.of.method} ${callback.of.path}`,
    on: [...new Set(signals.flatMap(({ kinds, states }) => [...kinds, ...states]))],
    things: [...new Set(signals.flatMap(({ types }) => types.map(({ home }) => home.collection)))],
    operations: [...new Set(signals.flatMap(({ operationIds }) => [...operationIds]))],
    events: [...new Set(events)],
  }
}
