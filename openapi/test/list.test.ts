import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGosendClient, GosendError } from '../src/index.js'
import { type Answer, inTurn, json, listen } from './server.js'

const apiKey = 'gsk_test_a1b2c3d4e5f6'

interface Shelf {
  readonly length: number
  /** The most entries that the server puts on a page. */
  readonly most?: number
  readonly headers?: boolean
}

/** A server of one list: the ids 1 to `length`. */
async function serve({ length, most = 100, headers = true }: Shelf) {
  const server = await listen((response, { url = '' }) => {
    const query = new URL(url, 'http://localhost').searchParams
    const page = Number(query.get('page') ?? 1)
    const perPage = Math.min(Number(query.get('per_page') ?? 20), most)
    const ids = Array.from({ length }, (_, index) => ({ id: String(index + 1) }))
    const paging = { 'X-Total-Count': String(length), 'X-Page': String(page), 'X-Per-Page': String(perPage) }
    json(200, ids.slice((page - 1) * perPage, page * perPage), headers ? paging : {})(response)
  })
  return { gosend: createGosendClient({ apiKey, baseUrl: server.url }), requests: server.requests }
}

async function answering(answer: Answer) {
  const server = await listen(answer)
  return {
    gosend: createGosendClient({ apiKey, baseUrl: server.url, maxRetries: 0 }),
    requests: server.requests,
  }
}

async function idsOf(list: AsyncIterable<{ id: string }>): Promise<number[]> {
  const ids: number[] = []
  for await (const { id } of list) ids.push(Number(id))
  return ids
}

const upTo = (length: number) => Array.from({ length }, (_, index) => index + 1)

describe('a walk through a list', () => {
  test('meets every entry once, in order, with no request too many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(130),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 5, max: 100 }),
        async (length, perPage, page, most) => {
          const { gosend, requests } = await serve({ length, most })
          const ids = await idsOf(
            gosend.list('/messages', { params: { query: { per_page: perPage, page } } }),
          )

          const size = Math.min(perPage, most)
          expect(ids).toEqual(upTo(length).slice((page - 1) * size))
          expect(requests).toHaveLength(Math.max(1, Math.ceil(length / size) - (page - 1)))
        },
      ),
      { numRuns: 60 },
    )
  })

  test.each([0, 1, 19, 20, 21, 40, 45])(
    'meets all %i entries when a proxy has dropped the headers',
    async (length) => {
      const { gosend } = await serve({ length, headers: false })

      expect(await idsOf(gosend.list('/messages'))).toEqual(upTo(length))
    },
  )

  test('sends the query and the path with every page', async () => {
    const { gosend, requests } = await serve({ length: 3 })
    const params = { path: { waba_id: '12' }, query: { status: 'APPROVED', per_page: 2 } } as const
    await idsOf(gosend.list('/wabas/{waba_id}/templates', { params }))

    expect(requests.map(({ url }) => url)).toEqual([
      '/wabas/12/templates?status=APPROVED&per_page=2&page=1',
      '/wabas/12/templates?status=APPROVED&per_page=2&page=2',
    ])
  })

  test('asks for nothing before it begins, nor after it was left', async () => {
    const { gosend, requests } = await serve({ length: 100 })
    const list = gosend.list('/messages')
    expect(requests).toHaveLength(0)

    for await (const { id } of list) if (id === '21') break
    expect(requests).toHaveLength(2)
  })

  test('ends when the list has shrunk and the server shows its last page again', async () => {
    const paging = { 'X-Total-Count': '3', 'X-Per-Page': '2' }
    const first = json(200, [{ id: '1' }, { id: '2' }], { ...paging, 'X-Page': '1' })
    const { gosend, requests } = await answering(first)

    expect(await idsOf(gosend.list('/messages'))).toEqual([1, 2])
    expect(requests).toHaveLength(2)
  })

  test('ends at an empty page, whatever the total says', async () => {
    const { gosend, requests } = await answering(json(200, [], { 'X-Total-Count': '1000' }))

    expect(await idsOf(gosend.list('/conversations'))).toEqual([])
    expect(requests).toHaveLength(1)
  })
})

describe('a page that is refused', () => {
  const page = json(200, [{ id: '1' }], { 'X-Total-Count': '2', 'X-Page': '1', 'X-Per-Page': '1' })

  test('ends the walk with the status, the code and the reason', async () => {
    const refusal = { statusCode: 403, message: 'Not yours', error: 'Forbidden', code: 'WABA_NOT_IN_TENANT' }
    const { gosend } = await answering(inTurn(page, json(403, refusal)))
    const list = gosend.list('/wabas')

    expect((await list.next()).value).toEqual({ id: '1' })
    const error = await list.next().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(GosendError)
    expect(error).toMatchObject({
      name: 'GosendError',
      message: '/wabas: 403 Not yours',
      statusCode: 403,
      code: 'WABA_NOT_IN_TENANT',
    })
  })

  test('ends the walk all the same when it is not JSON', async () => {
    const { gosend } = await answering((response) => void response.writeHead(502).end('<h1>Bad Gateway</h1>'))

    await expect(gosend.list('/wabas').next()).rejects.toMatchObject({
      message: '/wabas: 502 without an explanation',
      code: undefined,
    })
  })

  test('ends the walk with the reason that it was aborted with', async () => {
    const { gosend } = await answering(page)
    const controller = new AbortController()
    const list = gosend.list('/messages', { signal: controller.signal })
    await list.next()
    controller.abort(new Error('enough'))

    await expect(list.next()).rejects.toThrow('enough')
  })
})
