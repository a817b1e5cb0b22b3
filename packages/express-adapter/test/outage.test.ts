import type { ApiKeyStore, StoredKey } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import express from 'express'
import { describe, expect, it } from 'vitest'
import { type FailureEvent, requireApiKey } from '../src/index.js'
import { guardedHost as host, listen } from './host.js'

describe('trouble with the store', () => {
  type Trouble = 'none' | 'throws' | 'rejects' | 'hangs' | 'swaps' | 'garbles'

  function troubledStore() {
    const store = memoryStore()
    const state: { trouble: Trouble } = { trouble: 'none' }
    const outcomes: Record<Trouble, (id: string) => ReturnType<ApiKeyStore['find']>> = {
      none: (id) => store.find(id),
      throws: () => {
        throw new Error('disk on fire')
      },
      rejects: () => Promise.reject(new Error('connection refused')),
      hangs: () => new Promise(() => {}),
      swaps: (id) => ({ ...(store.find(id) as StoredKey), id: 'anotherOne12' }),
      garbles: () => ({ nonsense: true }) as unknown as StoredKey,
    }
    return { state, store: { ...store, find: (id) => outcomes[state.trouble](id) } satisfies ApiKeyStore }
  }

  it.each(['throws', 'rejects', 'hangs', 'swaps', 'garbles'] as const)(
    'a store that %s is 503, and fine again as soon as it is',
    async (trouble) => {
      const { store, state } = troubledStore()
      const { url, key, events, served } = await host({ store })
      const headers = { 'X-API-Key': key }
      const body =
        '{"statusCode":503,"message":"The service cannot answer right now; try again in a moment","error":"Service Unavailable"}'

      state.trouble = trouble
      const during = await Promise.all(Array.from({ length: 100 }, () => fetch(url, { headers })))
      expect(new Set(during.map(({ status }) => status))).toEqual(new Set([503]))
      expect(new Set(await Promise.all(during.map((response) => response.text())))).toEqual(new Set([body]))
      expect(during[0]?.headers.get('retry-after')).toBe('1')
      expect(during[0]?.headers.get('www-authenticate')).toBeNull()
      expect(served).toEqual([])
      expect(events).toHaveLength(100)
      expect(events[0]?.reason).toMatch(/^store_/)
      expect(events[0]?.error).toBeInstanceOf(Error)

      state.trouble = 'none'
      expect((await fetch(url, { headers })).status).toBe(200)
    },
  )

  it('whatever else throws is 503 too', async () => {
    const { apiKeys, key } = await host()
    const events: FailureEvent[] = []
    const broken = { ...apiKeys, verify: () => JSON.parse('{') }
    const app = express()
    app.use(requireApiKey(broken, { onFailure: (event) => events.push(event) }))
    const { url } = await listen(app)
    expect((await fetch(url, { headers: { 'X-API-Key': key } })).status).toBe(503)
    expect(events).toMatchObject([
      { reason: 'unexpected', keyId: null, status: 503, error: expect.any(SyntaxError) },
    ])
  })
})
