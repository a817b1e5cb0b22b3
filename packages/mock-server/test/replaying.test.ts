// A part of the journal becomes a test that runs.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type MockServer, testTraffic } from '../src/index.js'
import { document, folder, send, start, stop } from './harness.js'

const run = promisify(execFile)
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs')

const json = (schema: object) => ({ content: { 'application/json': { schema } } })
const Note = { $ref: '#/components/schemas/Note' }
const spec = document(
  {
    '/notes': {
      get: {
        operationId: 'listNotes',
        parameters: [{ name: 'tag', in: 'query', schema: { type: 'string' } }],
        responses: { 200: { description: 'OK', ...json({ type: 'array', items: Note }) } },
      },
      post: {
        operationId: 'createNote',
        requestBody: { required: true, ...json(Note) },
        responses: { 201: { description: 'Made', ...json(Note) } },
      },
    },
    '/notes/{noteId}': {
      parameters: [{ name: 'noteId', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'getNote', responses: { 200: { description: 'OK', ...json(Note) } } },
      patch: {
        operationId: 'changeNote',
        requestBody: json({ type: 'object' }),
        responses: { 200: { description: 'OK', ...json(Note) } },
      },
      delete: { operationId: 'dropNote', responses: { 204: { description: 'Gone' } } },
    },
  },
  {
    security: [{ key: [] }],
    components: {
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
      schemas: {
        Note: {
          type: 'object',
          required: ['text'],
          properties: {
            id: { type: 'string', format: 'uuid', readOnly: true },
            text: { type: 'string', maxLength: 40 },
            tag: { type: 'string' },
            parentId: { type: 'string' },
            createdAt: { type: 'string', format: 'date-time', readOnly: true },
          },
        },
      },
    },
  },
)

/** What a client does: with things that were there, things that it makes, and mistakes. */
async function session(mock: MockServer): Promise<readonly string[]> {
  const key = { 'x-api-key': mock.keys.test }
  const { json: listed } = await send(mock, 'GET /notes', undefined, key)
  const [first, second] = listed as { id: string }[]
  await send(mock, `GET /notes/${first?.id}`, undefined, key)
  const { json: made } = await send(
    mock,
    'POST /notes',
    { text: 'one `tick` and "quotes"', parentId: first?.id },
    key,
  )
  await send(mock, 'POST /notes', { text: 'below', parentId: made.id }, key)
  await send(mock, `PATCH /notes/${made.id}`, { tag: 'changed' }, key)
  await send(mock, `GET /notes/${made.id}`, undefined, key)
  await send(mock, `DELETE /notes/${second?.id}`, undefined, key)
  await send(mock, `GET /notes/${second?.id}`, undefined, key)
  await send(mock, 'GET /notes', undefined, key)
  await send(mock, 'POST /notes', { text: 7 }, key)
  await send(mock, 'GET /notes')
  await send(mock, 'GET /notes', undefined, { 'x-api-key': 'wrong-credential' })
  return [mock.keys.test, made.id]
}

/** Runs tests in a folder where programs of this package can be imported; which of them passed, by their names. */
async function outcomesOf(texts: Readonly<Record<string, string>>): Promise<Record<string, boolean>> {
  const path = await mkdtemp(join(import.meta.dirname, 'produced-'))
  try {
    await writeFile(join(path, 'vitest.config.mjs'), 'export default {}')
    await writeFile(join(path, 'openapi.json'), JSON.stringify(spec))
    for (const [name, text] of Object.entries(texts)) await writeFile(join(path, `${name}.test.ts`), text)
    const running = run(process.execPath, [vitest, 'run', '--root', path, '--reporter=json'], { cwd: path })
    const { stdout } = await running.catch((error: { readonly stdout: string }) => error)
    const { testResults } = JSON.parse(stdout) as {
      testResults: { name: string; assertionResults: { status: string }[] }[]
    }
    return Object.fromEntries(
      testResults.map(({ name, assertionResults }) => [
        basename(name, '.test.ts'),
        assertionResults.length > 0 && assertionResults.every(({ status }) => status === 'passed'),
      ]),
    )
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

describe('a test made of the journal', () => {
  it('runs against a new mock and passes, with ids of its own, without a credential, and fails where something differs', async () => {
    const path = await folder()
    const [har, file] = [join(path, 'a.har'), join(path, 'openapi.json')]
    await writeFile(file, JSON.stringify(spec))
    const mock = await start({ spec: file, record: { file: har } })
    const [key = '', made = ''] = await session(mock)
    const journal = await mock.toTest({ spec: 'openapi.json' })
    await stop(mock)
    const recording = (await testTraffic(file, [har])).replace(JSON.stringify(file), "'openapi.json'")
    for (const text of [journal, recording]) {
      expect(text).not.toContain(key)
      expect(text).toContain('answer3.json["id"]')
      expect(text.split("it('answers")[1]).not.toContain(made)
      expect(text).toContain('// Left out: GET /notes, whose credential is not recorded')
    }
    const wrong = journal.replace('"changed" })\n', '"changed otherwise" })\n')
    expect(wrong).not.toBe(journal)
    expect(await outcomesOf({ journal, recording, wrong })).toEqual({
      journal: true,
      recording: true,
      wrong: false,
    })
    // Vitest starts in a process of its own.
  }, 120_000)

  it('is of the requests that were asked for', async () => {
    const mock = await start({ spec })
    await session(mock)
    expect(await mock.toTest({ requests: [1, 2] })).toContain('Sends 2 recorded requests again')
    expect(await mock.toTest({ operation: 'createNote' })).toContain('Sends 3 recorded requests again')
    expect(await mock.toTest({ operation: 'createNote', refused: true })).toContain(
      'Sends 1 recorded request again',
    )
    await expect(mock.toTest({ requests: [99] })).rejects.toThrow('no request of the journal is meant')
    await expect(mock.toTest({ operation: 'createNotes' })).rejects.toThrow('did you mean createNote?')
  })

  it('comes from the control plane and from the page as well', async () => {
    const mock = await start({ spec })
    await session(mock)
    const admin = { 'x-admin-key': mock.adminKey }
    const { status, json: made } = await send(mock, 'POST /_mock/tests', { requests: [1] }, admin)
    expect([status, made.test]).toEqual([200, await mock.toTest({ requests: [1] })])
    expect((await send(mock, 'POST /_mock/tests', { requests: [99] }, admin)).status).toBe(400)
    const page = await send(mock, 'GET /admin/sandbox/log.test.ts?operation=createNote', undefined, admin)
    expect(page.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(page.text).toBe(await mock.toTest({ operation: 'createNote' }))
  })
})
