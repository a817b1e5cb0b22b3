// Sends what is in the outbox: signs, posts, notes the outcome, and tries again later. Whatever happens to the process,
// a delivery is sent at least once, for its job stays until the outcome is kept.

import { createHmac } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { Agent as HttpAgent, request as requestByHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'
import type { Job, JobContext, MockContext } from '../../rules.js'
import { timestamp } from '../time.js'
import {
  DELIVER,
  type DeliveryTask,
  deliveriesOf,
  type Envelope,
  EVENTS,
  type StoredDelivery,
  WEBHOOKS,
  type Webhook,
} from './events.js'
import { type Targets, UnreachableError } from './targets.js'

/** How long each attempt waits after the one before. */
export const DELAYS_MS: readonly number[] = [0, 60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000]
/** More of an answer is not read: its status is all that counts. */
const MAX_ANSWER_BYTES = 65_536

/** What a webhook's deliveries are signed with, apart from the webhooks so that no list of them can show it. */
export const SECRETS = 'webhook secrets'

/** A status, or why there was none. */
type Outcome = { readonly status: number } | { readonly error: string }

export type Send = (
  url: string,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
) => Promise<Outcome>

/** The job that makes one attempt. */
export function createDelivery(send: Send): Job {
  return async (context: JobContext, { webhookId, deliveryId }: DeliveryTask) => {
    const { store, signal, id } = context
    const current = (): StoredDelivery | undefined => {
      const found = store.get<StoredDelivery>(deliveriesOf(webhookId), deliveryId)
      // Whoever has it sent anew gives it another job; this one is done then.
      return found?.job === id ? found : undefined
    }
    const delivery = current()
    const webhook = store.get<Webhook>(WEBHOOKS, webhookId)
    const secret = store.get<{ readonly secret: string }>(SECRETS, webhookId)?.secret
    const event = delivery && store.get<Envelope>(EVENTS, delivery.event_id)
    if (webhook === undefined || secret === undefined || event === undefined) return
    const outcome: Outcome = webhook.enabled
      ? await post(send, webhook, secret, event, signal)
      : { error: 'The webhook is not enabled' }
    // The delivery itself may have been changed or deleted in the meantime.
    const latest = current()
    if (latest !== undefined) note(context, latest, outcome, webhook.enabled)
  }
}

function post(
  send: Send,
  { url }: Webhook,
  secret: string,
  event: Envelope,
  signal: AbortSignal,
): Promise<Outcome> {
  const body = JSON.stringify(event)
  return send(
    url,
    { ...signatures(secret, event.id, body), 'content-type': 'application/json' },
    body,
    signal,
  )
}

/** GoSendAPI's signature, and those of Standard Webhooks beside it for libraries that know them. */
export function signatures(secret: string, id: string, body: string): Record<string, string> {
  // Receivers compare it with their own clock, which knows nothing of the mock's.
  const seconds = String(Math.floor(Date.now() / 1000))
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const standard = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return {
    'x-gosendapi-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${standard}`,
  }
}

function note(context: MockContext, delivery: StoredDelivery, outcome: Outcome, wasSent: boolean): void {
  const { store } = context
  const now = context.now()
  const attempt = delivery.attempt + (wasSent ? 1 : 0)
  const status = 'status' in outcome ? outcome.status : null
  const isDelivered = status !== null && status >= 200 && status < 300
  const delay = isDelivered || !wasSent ? undefined : DELAYS_MS[attempt]
  const task: DeliveryTask = { webhookId: delivery.webhook_id, deliveryId: delivery.id }
  const noted: StoredDelivery = {
    ...delivery,
    status: isDelivered ? 'delivered' : delay === undefined ? 'failed' : 'pending',
    attempt,
    response_status: status,
    error: 'error' in outcome ? outcome.error : null,
    delivered_at: isDelivered ? timestamp(now) : null,
    next_attempt_at: delay === undefined ? null : timestamp(now + delay),
    job: delay === undefined ? null : context.schedule(DELIVER, task, now + delay),
  }
  store.put(deliveriesOf(delivery.webhook_id), delivery.id, noted)
}

/** Sends a delivery once more, from the first attempt on. Undefined when there is none with this id. */
export function resend(
  context: MockContext,
  webhookId: string,
  deliveryId: string,
): StoredDelivery | undefined {
  const delivery = context.store.get<StoredDelivery>(deliveriesOf(webhookId), deliveryId)
  if (delivery === undefined) return undefined
  if (delivery.job !== null) context.cancel(delivery.job)
  const task: DeliveryTask = { webhookId, deliveryId }
  const anew: StoredDelivery = {
    ...delivery,
    ...{ status: 'pending', attempt: 0, response_status: null, error: null, delivered_at: null },
    next_attempt_at: timestamp(context.now()),
    job: context.schedule(DELIVER, task),
  }
  context.store.put(deliveriesOf(webhookId), deliveryId, anew)
  return anew
}

/** Posts over connections that are kept open between deliveries, and waits so long for each answer. */
export function createSend(targets: Targets, timeoutMs = 10_000): Send {
  const kept = { keepAlive: true, timeout: 2 * timeoutMs, maxFreeSockets: 64 }
  const ways = {
    'http:': { request: requestByHttp, agent: new HttpAgent(kept) },
    'https:': { request: requestByHttps, agent: new HttpsAgent(kept) },
  } as const

  return (address, headers, body, signal) => {
    const url = new URL(address)
    const refused = targets.refuse(url)
    if (refused !== undefined) return Promise.resolve({ error: refused })
    // Everything that is being sent hangs on one signal: that of the mock's end.
    setMaxListeners(0, signal)
    const { request, agent } = url.protocol === 'https:' ? ways['https:'] : ways['http:']
    return new Promise((resolve, reject) => {
      let status: number | undefined
      let timer: NodeJS.Timeout | undefined
      const finish = (outcome: Outcome): void => {
        clearTimeout(timer)
        resolve(outcome)
      }
      const attempt = (): void => {
        const sent = request({
          ...{ method: 'POST', agent, signal, lookup: targets.lookup },
          hostname: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port,
          path: `${url.pathname}${url.search}`,
          headers: {
            ...headers,
            'user-agent': 'GoSendAPI-Webhooks',
            'content-length': Buffer.byteLength(body),
          },
        })
        sent.on('response', (response) => {
          status = response.statusCode ?? 0
          const answered: Outcome = { status }
          let bytes = 0
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length
            if (bytes > MAX_ANSWER_BYTES) response.destroy()
          })
          response.on('close', () => finish(answered))
          response.on('error', () => {})
        })
        sent.on('error', (error: NodeJS.ErrnoException) => {
          // The receiver closed a kept connection at the very moment when it was used again.
          if (sent.reusedSocket && error.code === 'ECONNRESET' && status === undefined) return attempt()
          if (!signal.aborted) return finish(status === undefined ? { error: phrase(error) } : { status })
          clearTimeout(timer)
          reject(error)
        })
        clearTimeout(timer)
        timer = setTimeout(() => sent.destroy(new Error(TIMED_OUT)), timeoutMs)
        sent.end(body)
      }
      attempt()
    })
  }
}

const TIMED_OUT = 'The address did not answer within 10 seconds'

const PHRASES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The address refused the connection',
  ECONNRESET: 'The connection was closed before there was an answer',
  ENOTFOUND: 'The host name is not known',
  EAI_AGAIN: 'The host name could not be resolved',
}

function phrase(error: NodeJS.ErrnoException): string {
  if (error.message === TIMED_OUT || error instanceof UnreachableError) return error.message
  return PHRASES[error.code ?? ''] ?? `The address could not be posted to (${error.code ?? 'unknown'})`
}
