// Every operation of the document with a request that succeeds: what the walks over the whole contract begin with.

import { createRequire } from 'node:module'
import type { Reply } from '../harness.js'
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

/** What one project has in one environment, and a key for it. */
export interface World {
  /** With the key. */
  send(line: string, body?: unknown): Promise<Reply>
  /** A person writes. */
  hear(): Promise<unknown>
  readonly projectId: string
  readonly customerId: string
  readonly wabaId: string
  /** WhatsApp's id of the number. */
  readonly number: string
  /** GoSendAPI's own id of the number. */
  readonly numberId: string
  /** Who writes and is written to. */
  readonly person: string
  /** Stands in everything that is made here. */
  readonly mark: string
}

/** The production of the first project. */
export const production = (api: Gosend): World => ({
  send: api.live,
  hear: () => api.control('POST /inbound?environment=production', { from: JUAN, text: 'Hello' }),
  projectId: '42',
  customerId: '7',
  wabaId: '12',
  number: NUMBER,
  numberId: '31',
  person: JUAN,
  mark: 'news',
})

const template = ({ mark }: World) => ({
  name: mark,
  category: 'UTILITY',
  language: 'en_US',
  components: [{ type: 'BODY', text: `${mark} for {{1}}.` }],
})

export const webhook = ({ numberId, mark }: World) => ({
  url: `http://127.0.0.1:9/${mark}`,
  events: ['whatsapp.message.received'],
  phone_number_id: numberId,
  type: 'gosendapi_events',
})

export function upload(number: string, size = 10): FormData {
  const form = new FormData()
  form.set('phone_number_id', number)
  form.set('type', 'image/png')
  form.set('file', new Blob([new Uint8Array(size)]), 'a.png')
  return form
}

const idOf = async (reply: Promise<Reply>): Promise<string> => (await reply).json.id
const withBody = async (body?: unknown): Promise<Call> => ({ ids: [], body })
const inWaba = async ({ wabaId }: World, body?: unknown): Promise<Call> => ({ ids: [wabaId], body })
const greet = ({ send, person, number }: World) =>
  send('POST /messages', { ...greeting(person), phone_number_id: number })
const conversation = async (world: World): Promise<Call> => ({
  ids: [(await greet(world)).json.conversation_id],
})
const hooked = async (world: World, body?: unknown): Promise<Call> => ({
  ids: [await idOf(world.send('POST /webhooks', webhook(world)))],
  body,
})

/** Prepares what a request is about, and gives the request that then succeeds. */
export const calls: Readonly<Record<string, (world: World) => Promise<Call>>> = {
  getMe: () => withBody(),
  listMessages: async (world) => {
    await world.hear()
    await greet(world)
    return { ids: [] }
  },
  sendMessage: async ({ person, number, mark }) =>
    withBody({ ...text(person, mark), phone_number_id: number }),
  getMessage: async (world) => ({ ids: [await idOf(greet(world))] }),
  uploadMedia: ({ number }) => withBody(upload(number)),
  listWabas: () => withBody(),
  getWaba: inWaba,
  listWabaPhoneNumbers: inWaba,
  listTemplates: inWaba,
  createTemplate: (world) => inWaba(world, template(world)),
  syncTemplates: inWaba,
  deleteTemplate: async (world) => {
    const { wabaId } = world
    return { ids: [wabaId, await idOf(world.send(`POST /wabas/${wabaId}/templates`, template(world)))] }
  },
  listConversations: async (world) => {
    await greet(world)
    return { ids: [] }
  },
  getConversation: conversation,
  closeConversation: conversation,
  listWebhooks: async (world) => {
    await hooked(world)
    return { ids: [] }
  },
  createWebhook: (world) => withBody(webhook(world)),
  updateWebhook: (world) => hooked(world, { enabled: false }),
  deleteWebhook: (world) => hooked(world),
  listWebhookDeliveries: async (world) => {
    const call = await hooked(world)
    await world.hear()
    return call
  },
  createCustomer: async ({ projectId, mark }) => ({
    ids: [projectId],
    body: { name: mark, external_id: mark },
  }),
  createSetupLink: async ({ customerId }) => ({
    ids: [customerId],
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
