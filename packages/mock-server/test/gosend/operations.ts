// Every operation of the document with a request that succeeds: what the walks over the whole contract begin with.

import { createRequire } from 'node:module'
import { type Gosend, greeting, JUAN, NUMBER, text } from './gosend.js'

export const contract = createRequire(import.meta.url)('@gosend/openapi/gosend.json')

export interface Operation {
  readonly id: string
  readonly method: string
  /** As the document writes it, with the base path. */
  readonly path: string
  readonly needsAdmin: boolean
  /** The statuses that are documented, with their responses. */
  // biome-ignore lint/suspicious/noExplicitAny: a document is read the way it comes
  readonly responses: Readonly<Record<string, any>>
}

const METHODS = ['get', 'post', 'patch', 'put', 'delete']

// biome-ignore lint/suspicious/noExplicitAny: a document is read the way it comes
const resolved = (node: any) =>
  typeof node.$ref === 'string'
    ? { ...contract.components.responses[node.$ref.split('/').at(-1)], $ref: node.$ref }
    : node

export const operations: readonly Operation[] = Object.entries<Record<string, never>>(contract.paths).flatMap(
  ([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => {
      const { operationId, security, responses } = item[method] as unknown as {
        operationId: string
        security?: readonly Record<string, unknown>[]
        responses: Record<string, never>
      }
      const needsAdmin = security?.some((requirement) => 'AdminKey' in requirement) ?? false
      return {
        id: operationId,
        method: method.toUpperCase(),
        path: needsAdmin ? path : `/v1${path}`,
        needsAdmin,
        responses: Object.fromEntries(
          Object.entries(responses).map(([status, response]) => [status, resolved(response)]),
        ),
      }
    }),
)

export interface Call {
  /** For the path's parameters, in their order. */
  readonly ids: readonly string[]
  readonly body?: unknown
}

const template = {
  name: 'news',
  category: 'UTILITY',
  language: 'en_US',
  components: [{ type: 'BODY', text: 'News for {{1}}.' }],
}

export const webhook = {
  url: 'http://127.0.0.1:9/',
  events: ['whatsapp.message.received'],
  phone_number_id: '31',
  type: 'gosendapi_events',
}

export function upload(size = 10): FormData {
  const form = new FormData()
  form.set('phone_number_id', NUMBER)
  form.set('type', 'image/png')
  form.set('file', new Blob([new Uint8Array(size)]), 'a.png')
  return form
}

const idOf = async (reply: ReturnType<Gosend['live']>): Promise<string> => (await reply).json.id
const inNone = async (body?: unknown): Promise<Call> => ({ ids: [], body })
const inWaba = async (body?: unknown): Promise<Call> => ({ ids: ['12'], body })

/** Prepares what a request is about, with the production key, and gives the request that then succeeds. */
export const calls: Readonly<Record<string, (api: Gosend) => Promise<Call>>> = {
  getMe: () => inNone(),
  listMessages: async (api) => {
    await api.live('POST /messages', text(JUAN))
    await api.control('POST /inbound?environment=production', { from: JUAN, text: 'Hello' })
    return inNone()
  },
  sendMessage: () => inNone(text(JUAN)),
  getMessage: async (api) => ({ ids: [await idOf(api.live('POST /messages', greeting(JUAN)))] }),
  uploadMedia: () => inNone(upload()),
  listWabas: () => inNone(),
  getWaba: () => inWaba(),
  listWabaPhoneNumbers: () => inWaba(),
  listTemplates: () => inWaba(),
  createTemplate: () => inWaba(template),
  syncTemplates: () => inWaba(),
  deleteTemplate: async (api) => ({
    ids: ['12', await idOf(api.live('POST /wabas/12/templates', template))],
  }),
  listConversations: async (api) => {
    await api.live('POST /messages', text(JUAN))
    return inNone()
  },
  getConversation: async (api) => {
    await api.live('POST /messages', text(JUAN))
    return { ids: ['1'] }
  },
  closeConversation: async (api) => {
    await api.live('POST /messages', text(JUAN))
    return { ids: ['1'] }
  },
  listWebhooks: async (api) => {
    await api.live('POST /webhooks', webhook)
    return inNone()
  },
  createWebhook: () => inNone(webhook),
  updateWebhook: async (api) => ({
    ids: [await idOf(api.live('POST /webhooks', webhook))],
    body: { enabled: false },
  }),
  deleteWebhook: async (api) => ({ ids: [await idOf(api.live('POST /webhooks', webhook))] }),
  listWebhookDeliveries: async (api) => {
    const id = await idOf(api.live('POST /webhooks', webhook))
    await api.control('POST /inbound?environment=production', { from: JUAN, text: 'Hello' })
    return { ids: [id] }
  },
  createCustomer: async () => ({ ids: ['42'], body: { name: 'Harbor Bikes', external_id: 'harbor-bikes' } }),
  createSetupLink: async () => ({
    ids: ['7'],
    body: {
      successRedirectUrl: 'https://shop.acme.com/connected',
      failureRedirectUrl: 'https://shop.acme.com/failed',
    },
  }),
}

/** `POST /v1/conversations/1/close` */
export function lineOf({ method, path }: Operation, ids: readonly string[]): string {
  let at = 0
  return `${method} ${path.replace(/\{\w+\}/g, () => ids[at++] ?? '999999')}`
}
