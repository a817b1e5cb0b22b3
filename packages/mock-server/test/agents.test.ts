// Agents: the tools of a mock over standard input and output and over HTTP, with the official client of the protocol.

import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterEach, describe, expect, it } from 'vitest'
import { openToolbox, sendToAddress } from '../src/agents/agents.js'
import type { MockServer } from '../src/index.js'
import { document, folder, ok, send, start } from './harness.js'

const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
const clients: Client[] = []

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

interface Agent {
  readonly client: Client
  /** What a tool answers, read as JSON where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose form is what they check
  use(name: string, args?: Record<string, unknown>): Promise<any>
}

async function agent(transport: Parameters<Client['connect']>[0]): Promise<Agent> {
  const client = new Client({ name: 'test', version: '1' })
  clients.push(client)
  await client.connect(transport)
  return {
    client,
    async use(name, args = {}) {
      const { content, isError } = await client.callTool({ name, arguments: args })
      const [first] = content as readonly { readonly text: string }[]
      if (isError === true) throw new Error(first?.text)
      try {
        return JSON.parse(first?.text ?? '')
      } catch {
        return first?.text
      }
    },
  }
}

const overHttp = (mock: MockServer, headers: Record<string, string> = { 'x-admin-key': mock.adminKey }) =>
  agent(
    new StreamableHTTPClientTransport(new URL(`${mock.url}/_mock/mcp`), {
      requestInit: { headers },
    }) as Parameters<Client['connect']>[0],
  )

const account = {
  type: 'object',
  properties: { id: { type: 'string', readOnly: true }, email: { type: 'string', format: 'email' } },
  required: ['id', 'email'],
}
const note = {
  type: 'object',
  required: ['id', 'text'],
  properties: {
    id: { type: 'string', readOnly: true },
    text: { type: 'string', minLength: 1, maxLength: 20 },
    createdAt: { type: 'string', format: 'date-time', readOnly: true },
  },
}
const posted = (operationId: string, schema: object) => ({
  post: {
    operationId,
    summary: `${operationId} does what it says`,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: { 201: { description: 'Done', content: { 'application/json': { schema } } } },
  },
})
const notes = document(
  {
    '/accounts': posted('signUp', account),
    '/accounts/{accountId}/notes': {
      parameters: [{ name: 'accountId', in: 'path', required: true, schema: { type: 'string' } }],
      ...posted('sendNote', note),
      get: { operationId: 'listNotes', ...ok({ type: 'array', items: note }) },
    },
  },
  {
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }],
  },
)

describe('an agent', () => {
  it('signs up, sends, reads why it was refused, corrects the request and advances the clock', async () => {
    const path = await folder()
    await writeFile(join(path, 'notes.json'), JSON.stringify(notes))
    const { client, use } = await agent(
      new StdioClientTransport({
        command: process.execPath,
        args: [bin, 'mcp', 'notes.json'],
        cwd: path,
        stderr: 'ignore',
      }),
    )
    expect(client.getInstructions()).toContain('A sandbox of Test')
    const { tools } = await client.listTools()
    for (const { name, description = '', inputSchema } of tools) {
      expect([name, description.length > 30, inputSchema.type]).toEqual([name, true, 'object'])
      expect(JSON.stringify(inputSchema)).not.toContain('$ref')
    }
    const [found] = await use('listOperations', { search: 'sign' })
    const { example } = await use('describeOperation', { operation: found.id })
    const signed = await use('callOperation', { operation: found.id, body: example.body })
    expect(signed.status).toBe(201)
    const call = { operation: 'sendNote', path: { accountId: signed.body.id } }
    await expect(use('callOperation', { operation: 'sendNote' })).rejects.toThrow(
      'needs the path parameter accountId',
    )
    const refused = await use('callOperation', { ...call, body: { text: 'far too long to be a note' } })
    expect(refused).toMatchObject({
      status: 400,
      refusal: { violations: [{ in: 'body', location: '/text', message: expect.stringContaining('20') }] },
    })
    expect((await use('getRequest', { number: refused.refusal.number })).operationId).toBe('sendNote')
    expect((await use('callOperation', { ...call, body: { text: 'short' } })).status).toBe(201)
    const before = new Date((await use('getClock')).now).getTime()
    const { now } = await use('moveClock', { body: { advance: '25h' } })
    expect(new Date(now).getTime() - before).toBeGreaterThanOrEqual(25 * 3_600_000)
    await expect(use('callOperation', { operation: 'sendNotes' })).rejects.toThrow('There is no operation')
    expect((await use('callOperation', { ...call, operation: 'listNotes', key: 'none' })).status).toBe(401)
    await use('setFaults', { body: [{ operation: 'listNotes', status: 503, times: 1 }] })
    expect((await use('callOperation', { ...call, operation: 'listNotes' })).status).toBe(503)
    expect(await use('saveSnapshot', { name: 'one' })).toBe('Done')
    expect(await use('listSnapshots')).toEqual(['one'])
    expect((await use('verifyRequests', { body: { operation: 'signUp', times: 1 } })).ok).toBe(true)
    expect(await use('listRequests', { limit: 2 })).toHaveLength(2)
  }, 60_000)

  it('has the same tools over HTTP, behind the guards of the control plane', async () => {
    const mock = await start({
      spec: notes,
      rules: { controls: { 'POST /_mock/feed/{pet}': ({ parameters }) => parameters } },
    })
    const { client, use } = await overHttp(mock)
    const names = (await client.listTools()).tools.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['callOperation', 'setScenarios', 'getKeys', 'postFeedPet']))
    expect(await use('getKeys')).toEqual({ sandbox: mock.keys.test, production: mock.keys.live })
    expect(await use('postFeedPet', { pet: 'Rex' })).toEqual({ pet: 'Rex' })
    await expect(use('postFeedPet')).rejects.toThrow('postFeedPet needs pet')
    await expect(overHttp(mock, {})).rejects.toThrow('401')
    await expect(
      overHttp(mock, { 'x-admin-key': mock.adminKey, origin: 'https://evil.example' }),
    ).rejects.toThrow('403')
    const asked = await send(mock, 'GET /_mock/mcp', undefined, { 'x-admin-key': mock.adminKey })
    expect([asked.status, asked.headers.get('allow')]).toEqual([405, 'POST'])
    const broken = await send(mock, 'POST /_mock/mcp', '{', { 'x-admin-key': mock.adminKey })
    expect(broken.status).toBe(400)
  })

  it('reads why its own call was refused, whoever is refused at the same time', async () => {
    const mock = await start({ spec: notes })
    const sendAlone = sendToAddress(mock.url, undefined)
    const { tools } = await openToolbox({
      ...{ adminKey: mock.adminKey, url: mock.url },
      async send(message) {
        const reply = await sendAlone(message)
        if (!message.path.startsWith('/_mock'))
          await send(mock, 'POST /accounts', { name: 7 }, { 'x-api-key': mock.keys.test })
        return reply
      },
    })
    const call = tools.find(({ name }) => name === 'callOperation')
    const { text = '' } =
      (await call?.run({ operation: 'sendNote', path: { accountId: 'a' }, body: {} })) ?? {}
    expect(mock.requests().at(-2)?.number).toBe(JSON.parse(text).refusal.number)
    expect(JSON.parse(text).refusal.violations).toMatchObject([{ in: 'body', location: expect.any(String) }])
  })

  it('is told in one line what to install where the SDK is missing', async () => {
    const path = await folder()
    await writeFile(join(path, 'notes.json'), JSON.stringify(notes))
    const register = `import Module from 'node:module'
      const resolve = Module._resolveFilename
      Module._resolveFilename = (name, ...rest) => {
        if (name.startsWith('@modelcontextprotocol/')) throw Object.assign(new Error('missing'), { code: 'MODULE_NOT_FOUND' })
        return resolve(name, ...rest)
      }`
    const url = `data:text/javascript,${encodeURIComponent(register)}`
    const failed = await promisify(execFile)(process.execPath, ['--import', url, bin, 'mcp', 'notes.json'], {
      cwd: path,
    }).catch((error: { readonly stderr: string; readonly code: number }) => error)
    expect(failed).toMatchObject({ code: 1 })
    expect(failed.stderr.trim().split('\n').at(-1)).toBe(
      'gosend-mock: MCP needs the package @modelcontextprotocol/sdk: run npm install @modelcontextprotocol/sdk',
    )
  })

  it('finds every shipped document in llms.txt', async () => {
    const root = new URL('../', import.meta.url)
    const { files } = JSON.parse(await readFile(new URL('package.json', root), 'utf8'))
    const text = await readFile(new URL('llms.txt', root), 'utf8')
    const linked = [...text.matchAll(/\]\((.+?)\)/g)].map(([, target]) => target)
    const shipped = ['README.md', ...files.filter((name: string) => name.endsWith('.md'))]
    expect(linked.toSorted()).toEqual(shipped.toSorted())
  })

  it('reads every command and flag as data', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [bin, 'help', '--json'])
    const { commands, flags } = JSON.parse(stdout)
    expect(commands.length).toBeGreaterThan(7)
    for (const { name, description } of flags) expect([name, description.length > 5]).toEqual([name, true])
    expect(flags.find(({ name }: { name: string }) => name === '--port')).toMatchObject({
      short: '-p',
      type: 'string',
    })
    expect(flags.find(({ name }: { name: string }) => name === '--mount')).toMatchObject({ repeatable: true })
  })
})
