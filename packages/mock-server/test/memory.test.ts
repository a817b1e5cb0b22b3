// What the mock holds at one time is bounded in bytes, whatever is sent to it. Measured in a process of its own.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { document, folder, ok, send, start } from './harness.js'
import { boot, type Running } from './process.js'

const MEBIBYTE = 1024 * 1024
/** Without anything to do it takes about 100. */
const MAX_MEGABYTES = 512

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
const heldBytes = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

async function bootAny(flags: readonly string[] = []): Promise<Running> {
  const file = join(await folder(), 'any.json')
  const content = { 'application/json': { schema: {} }, 'application/octet-stream': {} }
  await writeFile(file, JSON.stringify(document({ '/a': { post: { requestBody: { content }, ...ok() } } })))
  return boot(':memory:', ['--spec', file, ...flags])
}

/** Sends as many bytes as are wanted, without holding them; gives the status. */
const upload = (
  url: string,
  size: number,
  headers: Record<string, string>,
  chunk = Buffer.alloc(64 * 1024),
) =>
  new Promise<number | undefined>((resolve, reject) => {
    const length = size === 0 ? {} : { 'content-length': String(size) }
    const sent = request(url, { method: 'POST', headers: { ...headers, ...length } }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    sent.on('error', reject)
    function* chunks() {
      for (let left = size; left > 0; left -= chunk.length)
        yield chunk.subarray(0, Math.min(left, chunk.length))
    }
    Readable.from(chunks()).pipe(sent)
  })

describe('the memory of a mock', () => {
  it('does not grow with what the journal keeps', { timeout: 120_000 }, async () => {
    const mock = await bootAny()
    // As values it takes fifty times as much.
    const body = Buffer.from(`[${'{},'.repeat(21_800)}{}]`)
    const headers = { 'content-type': 'application/json' }
    for (let i = 0; i < 1_000; i += 4) {
      const four = Array.from({ length: 4 }, () => upload(`${mock.url}/a`, body.length, headers, body))
      expect(await Promise.all(four)).toEqual([200, 200, 200, 200])
    }
    const { length } = await (await mock.get('/_mock/requests')).json()
    expect(length).toBe(500)
    expect((await mock.peak()) ?? 0).toBeLessThan(MAX_MEGABYTES)
  })

  it('does not grow with what a small body can be decompressed to', async () => {
    const mock = await bootAny()
    const bomb = gzipSync(`[${'{},'.repeat(33_000_000)}{}]`)
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${mock.url}/a`, { method: 'POST', body: new Uint8Array(bomb), headers }),
      ),
    )
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 413))
    expect((await mock.peak()) ?? 0).toBeLessThan(MAX_MEGABYTES)
  })

  it('does not grow with what clients store, when there is no file for it', {
    timeout: 120_000,
  }, async () => {
    const schema = { type: 'object', properties: { id: { type: 'string' }, text: { type: 'string' } } }
    const content = { 'application/json': { schema } }
    const paths = {
      '/things': {
        post: { requestBody: { content }, ...ok(schema) },
        get: ok({ type: 'array', items: schema }),
      },
      '/things/{id}': { get: ok(schema) },
    }
    const file = join(await folder(), 'api.json')
    await writeFile(file, JSON.stringify(document(paths)))
    const mock = await boot(':memory:', ['--spec', file])
    const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(8 * MEBIBYTE) }))
    const type = { 'content-type': 'application/json' }
    const store = () => upload(`${mock.url}/things`, body.length, type, body)
    let status: number | undefined = 200
    let stored = 0
    for (; status !== undefined && status < 300 && stored < 60; stored++) status = await store()
    expect([status, stored]).toEqual([507, expect.toSatisfy((count: number) => count > 5 && count < 40)])
    expect((await mock.post('/_mock/reset', {})).status).toBe(204)
    expect(await store()).toBeLessThan(300)
    expect((await mock.peak()) ?? 0).toBeLessThan(MAX_MEGABYTES)
  })

  it('is shared by large bodies that arrive at once: each waits its turn', { timeout: 120_000 }, async () => {
    const mock = await bootAny(['--max-body', '60MB'])
    const type = { 'content-type': 'application/octet-stream' }
    const statuses = await Promise.all(
      Array.from({ length: 12 }, () => upload(`${mock.url}/a`, 50 * MEBIBYTE, type)),
    )
    expect(statuses).toEqual(statuses.map(() => 200))
    expect((await mock.peak()) ?? 0).toBeLessThan(MAX_MEGABYTES + 200)
  })

  it('is given back when a mock is closed, whatever its document made it keep', {
    timeout: 300_000,
  }, async () => {
    const program = fileURLToPath(new URL('./closing.mjs', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, '45'])
    const { third, whole, left } = JSON.parse(stdout) as Record<'third' | 'whole' | 'left', number>
    expect(left).toBe(0)
    // What is kept of the last documents does not grow with their number.
    expect(whole - third).toBeLessThan(10)
  })

  it('does not grow with the combinations of alternatives that clients send', {
    timeout: 120_000,
  }, async () => {
    const members = Array.from({ length: 600 }, (_, i) => [`p${i}`, { type: 'integer' }])
    const choices = Array.from({ length: 6 }, (_, choice) => ({
      oneOf: Array.from({ length: 20 }, (_, one) => ({ required: [`c${choice}_${one}`] })),
    }))
    const properties = { id: { type: 'string' }, ...Object.fromEntries(members) }
    const schema = { type: 'object', properties, allOf: choices }
    const body = { requestBody: { content: { 'application/json': { schema } } } }
    const mock = await start({
      spec: document({ '/a': { post: { ...body, ...ok(schema) } }, '/a/{id}': { get: ok(schema) } }),
      auth: 'off',
      seedItems: 0,
    })
    const sendSome = async (from: number, count: number) => {
      for (let i = from; i < from + count; i++) {
        const chosen = choices.map((_, choice) => [`c${choice}_${Math.floor(i / 2 ** choice) % 20}`, 1])
        expect((await send(mock, 'POST /a', Object.fromEntries(chosen))).status).toBe(200)
      }
    }
    await sendSome(0, 20)
    const before = heldBytes()
    await sendSome(20, 200)
    // Without a bound it is 70.
    expect((heldBytes() - before) / MEBIBYTE).toBeLessThan(30)
  })
})
