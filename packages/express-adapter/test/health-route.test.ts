import { memoryStore } from '@gosend/auth-core/memory'
import express from 'express'
import { expect, it } from 'vitest'
import { healthRoute } from '../src/index.js'
import { createTestKeys, listen } from './host.js'

async function askHealth(options: Parameters<typeof createTestKeys>[0] = {}) {
  const { apiKeys } = createTestKeys(options)
  const { url } = await listen(express().get('/health', healthRoute(apiKeys)))
  const response = await fetch(`${url}/health`)
  return {
    status: response.status,
    cache: response.headers.get('cache-control'),
    body: await response.json(),
  }
}

it('health is 200 while keys can be verified', async () => {
  const { status, cache, body } = await askHealth()
  expect([status, cache]).toEqual([200, 'no-store'])
  expect(body).toMatchObject({ ok: true, store: { ok: true, error: null }, hasher: { ok: true } })
})

it('health is 503 while the store is down, and keeps to itself where that is', async () => {
  const down = { ...memoryStore(), find: () => Promise.reject(new Error('connect db.internal:5432')) }
  const { status, cache, body } = await askHealth({ store: down })
  expect([status, cache]).toEqual([503, 'no-store'])
  expect(body).toMatchObject({ ok: false, store: { ok: false, error: 'store_unavailable' } })
  expect(JSON.stringify(body)).not.toContain('internal')
})

it('health must be that of a key set', () => {
  expect(() => healthRoute({} as never)).toThrow('apiKeys: pass what createApiKeys() returned')
})
