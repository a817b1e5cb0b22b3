// Several documents in one process: each below its own path and with its own state, with one clock and one set of keys.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readArguments } from '../src/command/commands.js'
import { optionsFrom } from '../src/command/options.js'
import { createMockServer, type MockServer } from '../src/index.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const contact = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } },
}
const components = {
  schemas: { Contact: contact },
  securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
}
const content = { 'application/json': { schema: { $ref: '#/components/schemas/Contact' } } }
/** The same API in each: nothing but the path tells the documents apart. */
const contacts = (title: string, rest: object = {}) => ({
  ...document(
    {
      '/contacts': {
        get: {
          ...ok({ type: 'array', items: { $ref: '#/components/schemas/Contact' } }),
          operationId: 'listContacts',
        },
        post: {
          operationId: 'createContact',
          parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string' } }],
          requestBody: { required: true, content },
          responses: { 201: { description: 'Created', content } },
        },
      },
      '/contacts/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: { operationId: 'getContact', responses: { 200: { description: 'OK', content } } },
        delete: { responses: { 204: { description: 'Gone' } } },
      },
    },
    { components, security: [{ key: [] }], ...rest },
  ),
  info: { title, version: '1' },
})

const three = () => [
  { spec: contacts('Root') },
  { spec: contacts('Sales', { servers: [{ url: 'https://sales.example/v1' }] }) },
  { spec: contacts('Support', { servers: [{ url: 'https://support.example/v1' }] }), mount: '/support' },
]
const paths = ['', '/v1', '/support']

const by = (mock: MockServer) => ({ 'x-api-key': mock.keys.test })

describe('several documents', () => {
  it('give a new project their titles, which stays as somebody renamed it', async () => {
    const db = join(await folder(), 'mock.db')
    const first = await start({ documents: three(), db })
    expect(first.project).toMatchObject({ name: 'Root, Sales, Support', webhookUrl: null })
    const admin = { 'x-admin-key': first.adminKey }
    await send(first, 'PATCH /admin/projects/42', { name: 'Ours' }, admin)
    await stop(first)
    expect((await start({ documents: three(), db })).project.name).toBe('Ours')
  })

  it('are served below paths of their own, with a state of their own, by the same keys', async () => {
    const mock = await start({ documents: three(), seedItems: 0 })
    const own: Record<string, string> = {}
    for (const path of paths) {
      const line = `POST ${path}/contacts`
      const headers = { ...by(mock), 'idempotency-key': 'same' }
      const created = await send(mock, line, { name: path }, headers)
      expect([created.status, created.json.name]).toEqual([201, path])
      own[path] = created.json.id as string
      expect((await send(mock, line, { name: path }, headers)).json.id).toBe(own[path])
    }
    for (const path of paths) {
      const listed = await send(mock, `GET ${path}/contacts`, undefined, by(mock))
      expect(listed.json.map(({ name }: { name: string }) => name)).toEqual([path])
      expect((await send(mock, `GET ${path}/contacts`)).status).toBe(401)
    }
    await send(mock, `DELETE /v1/contacts/${own['/v1']}`, undefined, by(mock))
    const left = async (path: string) =>
      (await send(mock, `GET ${path}/contacts`, undefined, by(mock))).json.length
    expect([await left(''), await left('/v1'), await left('/support'), await left('/support/v1')]).toEqual([
      ...[1, 0, 1, 1],
    ])
    expect((await send(mock, 'GET /other/contacts', undefined, by(mock))).status).toBe(404)
    expect((await send(mock, 'PUT /v1/contacts', {}, by(mock))).status).toBe(405)
    await mock.reset()
    expect(await left('/support')).toBe(0)
  })

  it('are told apart in the overview, the journal, the faults, the collections and the reference', async () => {
    const mock = await start({
      documents: three(),
      seedItems: 0,
      seedData: { '/support/contacts': [{ name: 'Ada' }] },
    })
    const { documents, operations, resources, title } = mock.overview()
    expect(documents?.map(({ path, title }) => `${path} ${title}`)).toEqual([
      ...['/ Root', '/v1 Sales', '/support Support'],
    ])
    expect([operations, title]).toEqual([12, 'Root, Sales, Support'])
    expect(resources).toEqual(paths.map((path) => `${path}/contacts`))
    expect((await send(mock, 'GET /support/contacts', undefined, by(mock))).json).toMatchObject([
      { name: 'Ada' },
    ])
    expect((await send(mock, 'GET /contacts', undefined, by(mock))).json).toEqual([])
    mock.setFaults([{ operation: 'GET /support/contacts', status: 503 }])
    expect((await send(mock, 'GET /support/contacts', undefined, by(mock))).status).toBe(503)
    expect((await send(mock, 'GET /v1/contacts', undefined, by(mock))).status).toBe(200)
    expect(mock.requests().map(({ path }) => path)).toContain('/support/contacts')

    const admin = { 'x-admin-key': mock.adminKey }
    const view = async (name: string) =>
      (await send(mock, `GET /admin/sandbox/${name}`, undefined, admin)).json
    expect(await view('collections')).toContainEqual({ name: '/support/contacts', items: 1 })
    expect(await view('operations')).toContainEqual({
      id: 'GET /v1/contacts',
      line: 'GET /v1/contacts',
    })
    expect((await send(mock, 'GET /reference')).text).toContain('href="?document=3">Support (/support)')
    const shown = await send(mock, 'GET /reference/openapi-3.json')
    expect([shown.json.info.title, shown.json.servers[0].url]).toEqual(['Support', `${mock.url}/support`])
  })

  it('are chosen at the front door: each leads to its reference and to itself', async () => {
    // A document at the root may have a path `/` of its own.
    const mock = await start({ documents: three().slice(1) })
    const { json } = await send(mock, 'GET /')
    expect([json.openapi, json.documents.map(({ title }: { title: string }) => title)]).toEqual([
      undefined,
      ['Sales', 'Support'],
    ])
    const { text } = await send(mock, 'GET /', undefined, { accept: 'text/html' })
    for (const { title, openapi, reference } of json.documents) {
      const document = await (await fetch(openapi)).json()
      expect(document).toMatchObject({ info: { title } })
      expect((await fetch(reference)).status).toBe(200)
      for (const address of [openapi, reference])
        expect(text).toContain(`href="${address.slice(mock.url.length)}"`)
    }
  })

  it('keep their states apart over a restart, and a handler answers an operation of either', async () => {
    const db = join(await folder(), 'mock.db')
    const first = await start({ documents: three(), db, seedItems: 0 })
    await send(first, 'POST /support/contacts', { name: 'Ada' }, by(first))
    await stop(first)
    const handlers = { getContact: () => ({ body: { id: '1', name: 'handled' } }) }
    const mock = await start({ documents: three(), db, seedItems: 0, handlers })
    expect((await send(mock, 'GET /support/contacts', undefined, by(mock))).json).toHaveLength(1)
    expect((await send(mock, 'GET /v1/contacts', undefined, by(mock))).json).toEqual([])
    expect((await send(mock, 'GET /v1/contacts/1', undefined, by(mock))).json.name).toBe('handled')
  })

  it('may not share a path, and the refusal says how to part them', async () => {
    const documents = [{ spec: contacts('A') }, { spec: contacts('B') }]
    await expect(createMockServer({ documents })).rejects.toThrow(
      /both served below \/; give one a path of its own, as in --mount \/name=FILE/,
    )
    await expect(createMockServer({ documents: [] })).rejects.toThrow(/at least one document/)
    await expect(createMockServer({ documents, spec: {} })).rejects.toThrow(/goes without spec and api/)
    await expect(createMockServer({ documents: [{ spec: {}, mount: 'crm' }] })).rejects.toThrow(
      'documents[0].mount: must be a path such as /crm',
    )
  })

  it('are named on the command line, one after the other or with the paths that they are served below', async () => {
    const root = await folder()
    for (const name of ['a', 'b', 'crm'])
      await writeFile(join(root, `${name}.json`), JSON.stringify(contacts(name)))
    const at = (name: string) => join(root, `${name}.json`)
    const options = optionsFrom(
      readArguments([at('a'), '--mount', `/b=${at('b')}`, '--mount', `/crm/v2=${at('crm')}`]),
    )
    expect(options.documents).toEqual([
      { spec: at('a') },
      { spec: at('b'), mount: '/b' },
      { spec: at('crm'), mount: '/crm/v2' },
    ])
    const mock = await start({ ...options, db: ':memory:', port: 0 })
    expect((await send(mock, 'GET /crm/v2/contacts', undefined, by(mock))).status).toBe(200)
    expect(optionsFrom(readArguments([at('a')])).spec).toBe(at('a'))
  })

  it('take what was learned of each from the file beside it', async () => {
    const dir = await folder()
    for (const name of ['a.json', 'b.json', 'b.learned.yaml']) await writeFile(join(dir, name), '{}')
    const files = [join(dir, 'a.json'), join(dir, 'b.json')]
    const learnedOf = (...flags: string[]) =>
      optionsFrom(readArguments([...files, ...flags])).documents?.map(({ learned }) => learned)
    expect(learnedOf()).toEqual([undefined, join(dir, 'b.learned.yaml')])
    expect(learnedOf('--no-learned')).toEqual([undefined, undefined])
    expect(() => learnedOf('--learned', 'x.yaml')).toThrow(
      /each takes the file beside it, such as .*a\.learned/,
    )
  })
})
