// Every operation, every documented status, every documented error code: provoked, and held against the document.

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { type Reply, send } from '../harness.js'
import { type Gosend, gosend, JUAN, NUMBER, STRANGER, template, text } from './gosend.js'
import {
  calls,
  contract,
  lineOf,
  type Operation,
  operations,
  production,
  upload,
  webhook,
} from './operations.js'

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true })
addFormats.default(ajv)
ajv.addSchema(contract, 'contract')

/** The key that an operation takes, unless another is given. */
const credentials = ({ mock }: Gosend, { needsAdmin }: Operation, key?: string): Record<string, string> =>
  needsAdmin ? { 'x-admin-key': key ?? mock.adminKey } : { 'x-api-key': key ?? mock.keys.live }

interface Change {
  readonly ids?: readonly string[]
  readonly query?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly key?: string
}

/** The request that succeeds, with something changed. */
async function call(api: Gosend, operation: Operation, change: Change = {}): Promise<Reply> {
  const { ids, body } = (await calls[operation.id]?.(production(api))) ?? { ids: [] }
  return ask(api, operation, { ids, body, ...change })
}

const ask = (api: Gosend, operation: Operation, { ids = [], query = '', body, headers, key }: Change) =>
  send(api.mock, lineOf(operation, ids) + query, body, { ...credentials(api, operation, key), ...headers })

type Provocation = (api: Gosend, operation: Operation) => Promise<Reply>

const success: Provocation = (api, operation) => call(api, operation)

const fault =
  (status: number): Provocation =>
  async (api, operation) => {
    const { ids, body } = (await calls[operation.id]?.(production(api))) ?? { ids: [] }
    await api.control('PUT /faults', [{ operation: operation.id, status }])
    return ask(api, operation, { ids, body })
  }

const fromElsewhere: Provocation = async (api, operation) => {
  if (operation.needsAdmin) return fault(403)(api, operation)
  const owner = { projectId: '42', environment: 'production', label: 'of another network' } as const
  const { key } = await api.mock.apiKeys.issue({ ...owner, allowedIps: ['203.0.113.7/32'] })
  return call(api, operation, { key })
}

const tooFast: Provocation = async (api, operation) => {
  if (operation.needsAdmin) return fault(429)(api, operation)
  const { ids, body } = (await calls[operation.id]?.(production(api))) ?? { ids: [] }
  await api.control('PUT /limits?environment=production', { requestsPerSecond: 0 })
  return ask(api, operation, { ids, body })
}

/** What provokes a status in every operation that documents it. */
const everywhere: Readonly<Record<string, Provocation>> = {
  200: success,
  201: success,
  204: success,
  400: (api, operation) =>
    operation.method === 'GET'
      ? call(api, operation, { query: '?per_page=500' })
      : call(api, operation, { body: {} }),
  401: (api, operation) => call(api, operation, { key: '' }),
  403: fromElsewhere,
  404: async (api, operation) => {
    const { body } = (await calls[operation.id]?.(production(api))) ?? {}
    return ask(api, operation, { body })
  },
  415: (api, operation) => call(api, operation, { body: 'Hello', headers: { 'content-type': 'text/plain' } }),
  429: tooFast,
  500: fault(500),
  502: fault(502),
  503: fault(503),
  504: fault(504),
}

const changed =
  (members: object): Provocation =>
  (api, operation) =>
    call(api, operation, { body: { ...text(JUAN), ...members } })

const withKey =
  (body: object, second: object): Provocation =>
  async (api, operation) => {
    const headers = { 'idempotency-key': 'order-1' }
    const first = call(api, operation, { body, headers })
    // A slow file keeps the first one busy; any other is done by the time of its answer.
    await (body === second ? new Promise((resolve) => setTimeout(resolve, 200)) : first)
    const reply = await call(api, operation, { body: second, headers })
    await first
    return reply
  }

const limited =
  (limits: object, body: object): Provocation =>
  async (api, operation) => {
    await api.control('PUT /limits?environment=production', limits)
    return call(api, operation, { body })
  }

const slow = { ...text(JUAN), text: undefined, type: 'image', image: { link: 'https://slow.test/a.jpg' } }

/** Sends a template that only another WABA has: that of a customer who has just signed up. */
const templateOfOther: Provocation = async (api, operation) => {
  const admin = { 'x-admin-key': api.mock.adminKey }
  const { json: link } = await send(
    api.mock,
    'POST /admin/customers/7/setup-links',
    (await calls.createSetupLink?.(production(api)))?.body,
    admin,
  )
  await api.control(`POST /setup-links/${link.id}/complete`, { phoneNumbers: ['+54 11 5555 9999'] })
  const { json: wabas } = await api.live('GET /wabas')
  const created = await api.live(
    `POST /wabas/${wabas[0].id}/templates`,
    (await calls.createTemplate?.(production(api)))?.body,
  )
  expect([wabas.length, created.status]).toEqual([2, 201])
  return call(api, operation, { body: template(STRANGER, 'news', 'en_US') })
}

/** By operation, status and, where the document has several examples, the name of the example. */
const provocations: Readonly<Record<string, Provocation>> = {
  'sendMessage 400 INVALID_PHONE_NUMBER': changed({ to: '+5491140123456' }),
  'sendMessage 400 INVALID_PHONE_NUMBER_ID': changed({ phone_number_id: '+5491155551234' }),
  'sendMessage 400 INVALID_MESSAGE_TYPE': changed({ type: 'reaction' }),
  'sendMessage 400 MISSING_REQUIRED_FIELD': changed({ text: {} }),
  'sendMessage 403 OUTSIDE_24H_WINDOW': changed({ to: STRANGER }),
  'sendMessage 403 PHONE_NUMBER_NOT_IN_TENANT': changed({ phone_number_id: '555987654321' }),
  'sendMessage 403 TEMPLATE_NOT_IN_WABA': templateOfOther,
  'sendMessage 403 WABA_SUSPENDED': async (api, operation) => {
    await api.control('POST /wabas/12/suspend')
    return call(api, operation)
  },
  'sendMessage 403 notAllowed': fromElsewhere,
  'sendMessage 404': (api, operation) =>
    call(api, operation, { body: template(JUAN, 'no_such_template', 'en_US') }),
  'sendMessage 409 IDEMPOTENCY_KEY_CONFLICT': withKey(text(JUAN), text(JUAN, 'Something else')),
  'sendMessage 409 IDEMPOTENCY_KEY_IN_USE': withKey(slow, slow),
  'sendMessage 422 TEMPLATE_PARAM_MISMATCH': (api, operation) =>
    call(api, operation, { body: template(JUAN, 'appointment_reminder', 'es_AR') }),
  'sendMessage 422 TEMPLATE_NOT_APPROVED': async (api, operation) => {
    await api.live('POST /wabas/12/templates', (await calls.createTemplate?.(production(api)))?.body)
    return call(api, operation, { body: template(JUAN, 'news', 'en_US') })
  },
  'sendMessage 422 MEDIA_DOWNLOAD_FAILED': (api, operation) =>
    call(api, operation, { body: { ...slow, image: { link: 'https://files.invalid/a.jpg' } } }),
  'sendMessage 429 RATE_LIMIT_EXCEEDED': tooFast,
  'sendMessage 429 PHONE_QUEUE_FULL': limited({ queuedMessages: 0 }, text(JUAN)),
  'sendMessage 429 QUOTA_EXCEEDED': limited({ messagesPerMonth: 0 }, text(JUAN)),
  'uploadMedia 400': (api, operation) => call(api, operation, { body: new FormData() }),
  'uploadMedia 413': (api, operation) => call(api, operation, { body: upload(NUMBER, 6 * 1024 * 1024) }),
  'createTemplate 409': async (api, operation) => {
    await call(api, operation)
    return call(api, operation)
  },
  'createTemplate 422': (api, operation) =>
    call(api, operation, {
      body: {
        ...{ name: 'news', category: 'UTILITY', language: 'en_US' },
        components: [{ type: 'FOOTER', text: 'Acme Bikes' }],
      },
    }),
  'closeConversation 409': async (api, operation) => {
    await call(api, operation)
    return ask(api, operation, { ids: ['1'] })
  },
  'createWebhook 422': (api, operation) =>
    call(api, operation, { body: { ...webhook(production(api)), url: 'http://127.0.0.1:99999/' } }),
  'updateWebhook 422': (api, operation) => call(api, operation, { body: { url: 'http://127.0.0.1:99999/' } }),
  'createCustomer 409': async (api, operation) => {
    await call(api, operation)
    return call(api, operation)
  },
}

interface Example {
  readonly code?: string
  readonly message: string
}

/** Every answer that an operation documents; errors with several examples once for each. */
const cases = operations.flatMap((operation) =>
  Object.entries(operation.responses).flatMap(([status, response]) => {
    const { examples = {} } = response.content?.['application/json'] ?? {}
    const names = Number(status) < 400 ? [] : Object.keys(examples)
    return (names.length > 1 ? names : [undefined]).map((name) => {
      const title = [operation.id, status, name].filter(Boolean).join(' ')
      return { title, operation, status, example: examples[name ?? '']?.value as Example | undefined }
    })
  }),
)

const escaped = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1')

/** What is wrong with an answer by the document. */
function flawsOf(operation: Operation, status: string, reply: Reply, provocation: Provocation | undefined) {
  const { headers = {}, content } = operation.responses[status]
  const flaws =
    content === undefined ? (reply.text === '' ? [] : ['has a body']) : bodyFlaws(operation, status, reply)
  // They are a key's, once it has been let in.
  const isUncounted = operation.needsAdmin || provocation === fromElsewhere
  const isOptional = (name: string) =>
    (isUncounted && name.startsWith('X-RateLimit-')) || OPTIONAL.has(`${operation.id} ${status} ${name}`)
  for (const [name, { $ref }] of Object.entries<{ $ref: string }>(headers)) {
    const value = reply.headers.get(name)
    if (value === null) flaws.push(...(isOptional(name) ? [] : [`has no ${name}`]))
    else if (!isHeader($ref, value)) flaws.push(`${name}: ${value}`)
  }
  return flaws
}

function bodyFlaws(
  { id, method, path, needsAdmin, responses }: Operation,
  status: string,
  reply: Reply,
): string[] {
  const own = needsAdmin ? path : path.replace('/v1', '')
  const base = responses[status].$ref ?? `#/paths/${escaped(own)}/${method.toLowerCase()}/responses/${status}`
  const pointer = `contract${base}/content/${escaped('application/json')}/schema`
  const validate = ajv.getSchema(pointer) ?? ajv.compile({ $ref: pointer })
  const isJson = /^application\/json\b/.test(reply.headers.get('content-type') ?? '')
  return [
    ...(isJson ? [] : ['is not JSON']),
    ...(validate(reply.json) === true ? [] : [`${id}: ${ajv.errorsText(validate.errors)}`]),
  ]
}

function isHeader($ref: string, value: string): boolean {
  const { schema } = contract.components.headers[$ref.split('/').at(-1) ?? '']
  return ajv.validate(schema, schema.type === 'integer' ? Number(value) : value) === true
}

const WORD_FOR_WORD = new Set(['400', '403', '409'])

/** Headers that a response has in some cases only. */
const OPTIONAL = new Set(['sendMessage 201 Idempotent-Replayed', 'sendMessage 409 Retry-After'])

describe('the document', () => {
  it('has an answer for every operation', () => {
    expect(operations).toHaveLength(22)
    expect(Object.keys(calls).sort()).toEqual(operations.map(({ id }) => id).sort())
  })

  it('has no case that nothing provokes, and no provocation that it does not know', () => {
    const missing = cases.filter(
      ({ title, status }) => provocations[title] === undefined && everywhere[status] === undefined,
    )
    expect(missing.map(({ title }) => title)).toEqual([])
    const titles = new Set(cases.map(({ title }) => title))
    expect(Object.keys(provocations).filter((title) => !titles.has(title))).toEqual([])
  })
})

describe('an answer as documented:', () => {
  it.each(cases)('$title', async ({ title, operation, status, example }) => {
    const api = await gosend()
    const provoke = provocations[title] ?? everywhere[status]
    const reply = await provoke?.(api, operation)
    if (reply === undefined) throw new Error('Nothing provokes this')
    await api.control('DELETE /faults')
    expect(String(reply.status), reply.text).toBe(status)
    if (example?.code !== undefined) expect(reply.json.code).toBe(example.code)
    // What these examples say is about the very request that provokes them.
    if (example !== undefined && WORD_FOR_WORD.has(status)) expect(reply.json).toEqual(example)
    expect(flawsOf(operation, status, reply, provoke)).toEqual([])
  })
})
