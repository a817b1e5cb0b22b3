import { expect, it } from 'vitest'
import { createBrowserLeakWatch } from '../src/http/browser-leak.js'
import { createApiKeys } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/fast-hasher.js'

it('reports without end, and without remembering more than 10,000 keys', async () => {
  let reports = 0
  const watch = createBrowserLeakWatch(() => {
    reports += 1
  })
  const apiKeys = createApiKeys({ store: memoryStore(), hasher: fastHasher() })
  const { record } = await apiKeys.issue({ projectId: '42', environment: 'production', label: 'test' })
  for (let i = 0; i < 20_000; i++) watch({ ...record, id: String(i) }, () => 'https://shop.example', {})
  expect(reports).toBe(20_000)
})
