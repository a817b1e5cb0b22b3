import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createConfig, lint } from '@redocly/openapi-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { contract, examplesOf, faultsOf, operations } from './contract.js'

const root = path.join(import.meta.dirname, '..')

/** The files of a folder by name. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const name of await readdir(folder)) files[name] = await readFile(path.join(folder, name), 'utf8')
  return files
}

test('gosend.yaml passes the recommended lint, examples against schemas included', async () => {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lint({ ref: path.join(root, 'gosend.yaml'), config })

  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
})

test('control.yaml passes the recommended lint', async () => {
  // One answer, `default`, is for every error.
  const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'off' } })
  const problems = await lint({ ref: path.join(root, 'control.yaml'), config })

  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
})

test('GET /me and its 401 are documented byte for byte', () => {
  const me = contract.paths['/me']?.get?.responses['200']?.content?.['application/json']?.example
  const unauthorized = contract.components.responses.Unauthorized?.content?.['application/json']?.example

  expect(JSON.stringify(me)).toBe(
    '{"id":"42","name":"Acme Production","webhookUrl":"https://api.acme.com/webhooks/gosendapi","createdAt":"2026-01-15T10:00:00Z"}',
  )
  expect(JSON.stringify(unauthorized)).toBe(
    '{"statusCode":401,"message":"Invalid or missing API key","error":"Unauthorized"}',
  )
})

test('every documented operation is described, under the id that handlers and clients know it by', () => {
  const described = operations.map(({ id, method, path }) => `${id}: ${method.toUpperCase()} ${path}`)

  expect(described.sort()).toEqual([
    'closeConversation: POST /conversations/{conversation_id}/close',
    'createCustomer: POST /admin/tenants/{tenantId}/customers',
    'createSetupLink: POST /admin/customers/{customerId}/setup-links',
    'createTemplate: POST /wabas/{waba_id}/templates',
    'createWebhook: POST /webhooks',
    'deleteTemplate: DELETE /wabas/{waba_id}/templates/{template_id}',
    'deleteWebhook: DELETE /webhooks/{webhook_id}',
    'getConversation: GET /conversations/{conversation_id}',
    'getMe: GET /me',
    'getMessage: GET /messages/{message_id}',
    'getWaba: GET /wabas/{waba_id}',
    'listConversations: GET /conversations',
    'listMessages: GET /messages',
    'listTemplates: GET /wabas/{waba_id}/templates',
    'listWabaPhoneNumbers: GET /wabas/{waba_id}/phone-numbers',
    'listWabas: GET /wabas',
    'listWebhookDeliveries: GET /webhooks/{webhook_id}/deliveries',
    'listWebhooks: GET /webhooks',
    'sendMessage: POST /messages',
    'syncTemplates: POST /wabas/{waba_id}/templates/sync',
    'updateWebhook: PATCH /webhooks/{webhook_id}',
    'uploadMedia: POST /media',
  ])
})

describe('the examples', () => {
  test('fit their schemas', () => {
    const examples = examplesOf(contract)
    const misfits = examples.map(({ at, schema, value }) => ({ at, faults: faultsOf(schema, value) }))

    expect(examples.length).toBeGreaterThan(150)
    expect(misfits.filter(({ faults }) => faults.length > 0)).toEqual([])
  })

  test('are there for every body that is sent or answered', () => {
    const bodies = operations.flatMap(({ id, request, responses }) => [
      ...(request ? [{ name: `${id} request`, content: request.content }] : []),
      ...responses.map(({ status, content }) => ({ name: `${id} ${status}`, content })),
    ])
    const withoutExample = bodies.filter(({ content }) =>
      Object.values(content ?? {}).some(({ example, examples }) => example === undefined && !examples),
    )

    expect(withoutExample.map(({ name }) => name)).toEqual([])
  })

  test('show every type of message', () => {
    const examples =
      contract.paths['/messages']?.post?.requestBody?.content['application/json']?.examples ?? {}
    const types = Object.values(examples).map(({ value }) => value.type)

    expect(new Set(types)).toEqual(
      new Set(Object.keys(contract.components.schemas.SendMessageRequest?.discriminator?.mapping ?? {})),
    )
    expect(new Set(types).size).toBe(10)
  })
})

test('every documented error repeats its own status', () => {
  const errors = operations.flatMap(({ responses }) =>
    responses.filter(({ status }) => Number(status) >= 400),
  )

  expect(errors.length).toBeGreaterThan(150)
  for (const { status, content } of errors) {
    const { example, examples } = content?.['application/json'] ?? {}
    for (const value of example ? [example] : Object.values(examples ?? {}).map(({ value }) => value)) {
      expect(value).toMatchObject({ statusCode: Number(status) })
    }
  }
})

test('every operation can be refused, held up and interrupted in the documented ways', () => {
  for (const { id, responses } of operations) {
    expect(
      responses.map(({ status }) => status),
      id,
    ).toEqual(expect.arrayContaining(['401', '403', '429', '500', '502', '503', '504']))
  }
})

test('every list is a bare array that can be paged through', () => {
  const lists = operations.filter(({ id }) => id.startsWith('list'))
  const paging = ['X-Total-Count', 'X-Page', 'X-Per-Page']

  expect(lists).toHaveLength(7)
  for (const { id, parameters, responses } of lists) {
    const page = responses.find(({ status }) => status === '200')
    expect(page?.content?.['application/json']?.schema, id).toMatchObject({ type: 'array' })
    expect(Object.keys(page?.headers ?? {}), id).toEqual(expect.arrayContaining(paging))
    expect(
      parameters.map(({ name }) => name),
      id,
    ).toEqual(expect.arrayContaining(['page', 'per_page']))
  }
})

test('a webhook shows its secret where it is created and nowhere else', () => {
  const shown = operations.filter(({ responses }) => JSON.stringify(responses).includes('whsec_'))

  expect(shown.map(({ id }) => id)).toEqual(['createWebhook'])
})

test('every event that can be asked for is described, and the other way round', () => {
  const described = Object.values(contract.webhooks).map(
    ({ post }) => post.requestBody.content['application/json'].example.event,
  )

  expect(described).toEqual(contract.components.schemas.WebhookEventName?.enum)
})

describe('a message', () => {
  const message = { phone_number_id: '555123456789', to: '5491140123456' }
  const text = { ...message, type: 'text', text: { body: 'Hello' } }
  const request = '/components/schemas/SendMessageRequest'

  test.each([
    ['as short as can be', text],
    ['written for the API of Meta', { ...text, messaging_product: 'whatsapp', recipient_type: 'individual' }],
    [
      'with a template without gaps',
      { ...message, type: 'template', template: { name: 'hello', language: { code: 'en' } } },
    ],
  ])('is accepted %s', (_, body) => {
    expect(faultsOf(request, body)).toEqual([])
  })

  test.each([
    ['to a number with a plus sign', { ...text, to: '+5491140123456' }],
    ['from a phone number rather than its id', { ...text, phone_number_id: '+54 11 5555 1234' }],
    ['without a recipient', { ...text, to: undefined }],
    ['of no known type', { ...message, type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '👍' } }],
    ['whose content is of another type', { ...message, type: 'image', text: { body: 'Hello' } }],
    ['with two contents', { ...text, image: { id: '1' } }],
    ['without text', { ...message, type: 'text', text: { body: '' } }],
    ['with a misspelt member', { ...message, type: 'text', text: { body: 'Hello', preview: true } }],
    [
      'with a file from two places',
      { ...message, type: 'image', image: { id: '1', link: 'https://acme.com/1.jpg' } },
    ],
    ['with a file from nowhere', { ...message, type: 'image', image: { caption: 'A' } }],
    ['with a caption to a recording', { ...message, type: 'audio', audio: { id: '1', caption: 'A' } }],
    ['from beyond the pole', { ...message, type: 'location', location: { latitude: 91, longitude: 0 } }],
    ['with a template in no language', { ...message, type: 'template', template: { name: 'hello' } }],
    ['with no contact card', { ...message, type: 'contacts', contacts: [] }],
  ])('is refused %s', (_, body) => {
    expect(faultsOf(request, JSON.parse(JSON.stringify(body)))).not.toEqual([])
  })
})

test('the committed types are those of the contracts; `npm run generate` renews them', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gosend-types-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await promisify(execFile)(process.execPath, ['generate.mjs', folder], { cwd: root })

  expect(await contents(path.join(root, 'src/generated'))).toEqual(await contents(folder))
})
