// What createMockServer refuses before it starts, and what it remembers after a restart.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openDocument } from '../src/documents.js'
import type { ApiDocument } from '../src/engine/document/document.js'
import { watchDocument } from '../src/engine/document/watch.js'
import { createMockServer, gosend, type MockServerOptions } from '../src/index.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const ping = document({ '/ping': { get: { ...ok({ const: 'pong' }), operationId: 'getPing' } } })

describe('createMockServer', () => {
  it.each<[object, string]>([
    [{ sped: 'api.yaml' }, 'sped: no such option; did you mean spec?'],
    [{ port: '4010' }, 'port: must be a whole number from 0 to 65535'],
    [{ auth: 'none' }, 'auth: must be "strict", "any" or "off"'],
    [{ api: {} }, 'api.document: must be a file, an address or an object'],
    [{ api: gosend(), spec: ping }, 'spec: goes without api'],
    [{ seedItems: -1 }, 'seedItems: must be a whole number'],
    [{ spec: 42 }, 'spec: must be a file, an address or an object'],
    [{ host: 5 }, 'host: must be a string'],
    [{ corsOrigins: ['localhost'] }, 'corsOrigins[0]: must be an origin such as http://localhost:3000'],
    [
      { spec: ping, handlers: { getPin: () => ({}) } },
      'handlers.getPin: no such operation; did you mean getPing?',
    ],
  ])('refuses %j and says why', async (options, reason) => {
    const starting = createMockServer(options as MockServerOptions)
    await expect(starting).rejects.toThrow(TypeError)
    await expect(starting).rejects.toThrow(reason)
  })

  it.each<[object, string]>([
    [{ rateLimits: false }, 'rateLimits: must be "documented" or "off"'],
    [{ rateLimit: 'off' }, 'rateLimit: no such option; did you mean rateLimits?'],
  ])('refuses %j for GoSendAPI and says why', (options, reason) => {
    expect(() => gosend(options)).toThrow(new TypeError(reason))
  })

  it('refuses a fault for an operation that the document has not', async () => {
    const mock = await start({ spec: ping })
    expect(() => mock.setFaults([{ operation: 'getPong', status: 500 }])).toThrow(
      'no such operation as getPong; did you mean getPing?',
    )
    mock.setFaults([{ operation: 'GET /ping', status: 500, times: 1 }])
    expect((await send(mock, 'GET /ping')).status).toBe(500)
  })
})

describe('a watched document', () => {
  it('is warned of again when a change makes it worse', async () => {
    const spec = join(await folder(), 'api.json')
    await writeFile(spec, JSON.stringify(ping))
    const lines: string[] = []
    await start({ spec, watch: true, onLog: (line) => lines.push(line) })
    expect(lines).toEqual([])
    await writeFile(spec, JSON.stringify(document({})))
    await expect
      .poll(() => lines, { timeout: 15_000 })
      .toEqual([
        'The document has changed: 0 operations',
        expect.stringMatching(/^Warning: .*\/paths describes no operation$/),
      ])
  })
})

it('a document that changes after it was read, and before anything watches it, is read again', async () => {
  const spec = join(await folder(), 'api.json')
  await writeFile(spec, JSON.stringify(ping))
  const read = () => openDocument({ spec }, {}, () => {})
  const opened = await read()
  await setTimeout(50)
  await writeFile(spec, JSON.stringify(document({})))
  const found: ApiDocument[] = []
  const watch = watchDocument(
    opened,
    read,
    (next) => found.push(next),
    () => {},
  )
  await expect.poll(() => found.map(({ operations }) => operations.length), { timeout: 15_000 }).toEqual([0])
  watch.close()
})

describe('the clock of a database', () => {
  const clock = (mock: Awaited<ReturnType<typeof start>>, body?: object) =>
    send(mock, body === undefined ? 'GET /_mock/clock' : 'POST /_mock/clock', body, {
      'x-admin-key': mock.adminKey,
    }).then(({ json }) => json as { now: string; frozen: boolean })

  it('goes on after a restart where it was left: ahead, standing still, or on time again', async () => {
    const db = join(await folder(), 'mock.db')
    const again = async (change: object) => {
      const mock = await start({ spec: ping, db })
      await clock(mock, change)
      await stop(mock)
      const next = await start({ spec: ping, db })
      const found = await clock(next)
      await stop(next)
      return { ...found, days: Math.round((Date.parse(found.now) - Date.now()) / 86_400_000) || 0 }
    }
    expect(await again({ advance: '3d' })).toMatchObject({ days: 3, frozen: false })
    expect(await again({ freeze: '2026-01-15T10:00:00Z' })).toMatchObject({
      now: '2026-01-15T10:00:00.000Z',
      frozen: true,
    })
    expect(await again({ reset: true })).toMatchObject({ days: 0, frozen: false })
  })
})
