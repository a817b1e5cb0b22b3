// The mock beside the real API: where they differ by status and shape, for people, for programs and for CI.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { compareWithApi } from '../src/index.js'
import { shapeDifferences } from '../src/replaying/shapes.js'
import { document, folder, ok, send, start, stop } from './harness.js'

const Cat = (extra: object = {}) => ({
  type: 'object',
  required: ['name', ...Object.keys(extra)],
  properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' }, ...extra },
})
const api = (extra: object = {}) =>
  document(
    {
      '/cats': {
        get: { operationId: 'listCats', ...ok({ type: 'array', items: Cat(extra) }) },
        post: {
          operationId: 'createCat',
          requestBody: { required: true, content: { 'application/json': { schema: Cat() } } },
          ...ok(Cat(extra)),
        },
      },
      '/cats/{catId}': {
        get: { operationId: 'getCat', ...ok(Cat(extra)) },
        delete: { operationId: 'dropCat', responses: { 204: { description: 'Gone' } } },
      },
    },
    { servers: [{ url: '/v1' }] },
  )

/** A document on disk, and an API that is like it or has one member more. */
async function both(extra?: object) {
  const file = join(await folder(), 'openapi.json')
  await writeFile(file, JSON.stringify(api()))
  const real = await start({ spec: api(extra), seed: 'another', auth: 'off' })
  return { file, real, url: `${real.url}/v1` }
}

describe('parity', () => {
  it('finds no difference where there is none, with the ids of each side', async () => {
    const { file, real, url } = await both()
    const report = await compareWithApi(file, url, { writes: true })
    expect(report).toMatchObject({ calls: 4, differing: 0, skipped: [] })
    expect(report.operations.map(({ operation }) => operation)).toEqual([
      'createCat',
      'listCats',
      'getCat',
      'dropCat',
    ])
    expect(real.requests().map(({ status }) => status)).toEqual([200, 200, 200, 204])
  })

  it('changes nothing on the API unless it is told to', async () => {
    const { file, real, url } = await both()
    await compareWithApi(file, url)
    expect(real.requests().map(({ method }) => method)).toEqual(['GET', 'GET'])
  })

  it('names status and shape that differ, by operation', async () => {
    const { file, url } = await both({ lives: { type: 'integer' } })
    const { operations, differing } = await compareWithApi(file, url)
    expect(differing).toBe(2)
    expect(operations[0]).toMatchObject({
      operation: 'listCats',
      differences: [{ call: 'GET /cats', shape: [{ at: '/*/lives', mock: 'missing', api: 'number' }] }],
    })
  })

  it('sends recorded requests to both, from what was there before them', async () => {
    const { file, url } = await both()
    const har = join(await folder(), 'a.har')
    const recorded = await start({ spec: api(), seed: 'a third', auth: 'off', record: { file: har } })
    const { json: made } = await send(recorded, 'POST /v1/cats', { name: 'Tom' })
    await send(recorded, `GET /v1/cats/${made.id}`)
    await send(recorded, `DELETE /v1/cats/${made.id}`)
    await send(recorded, `GET /v1/cats/${made.id}`)
    await stop(recorded)
    const report = await compareWithApi(file, url, { recordings: [har] })
    expect(report).toMatchObject({ calls: 4, differing: 0 })
  })

  it('ends with 1 where they differ, and sends the credential that it is given', async () => {
    const bin = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
    const run = (...typed: string[]) => promisify(execFile)(process.execPath, [bin, 'parity', ...typed])
    const same = await both()
    const { stdout } = await run(same.file, same.url, '--header', 'X-Client: parity')
    expect(stdout).toContain('2 calls of 2 operations: no difference')
    expect(same.real.requests()[0]?.headers['x-client']).toBe('parity')
    const other = await both({ lives: { type: 'integer' } })
    const failed = await run(other.file, other.url, '--json').catch((error) => error)
    expect([failed.code, JSON.parse(failed.stdout).differing]).toEqual([1, 2])
    await expect(run(same.file, 'http://127.0.0.1:1')).rejects.toThrow('does not answer')
  })

  it('compares what answers are made of, not what they say', () => {
    expect(shapeDifferences({ a: 1, b: [] }, { a: 2, b: [{ c: 1 }] })).toEqual([])
    expect(shapeDifferences({ a: 1 }, { a: '1' })).toEqual([{ at: '/a', mock: 'number', api: 'string' }])
    expect(shapeDifferences({ a: { b: 1 } }, {})).toEqual([{ at: '/a', mock: 'object', api: 'missing' }])
  })
})
