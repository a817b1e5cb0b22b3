import { inspect } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createKeyFormat, type Hasher } from '../src/index.js'
import { memoryStore } from '../src/stores/memory.js'
import { fastHasher } from '../src/testing/index.js'
import { setUp } from './support/keys.js'

const pepper = 'a pepper of at least thirty-two bytes'

async function keyWithStore() {
  const store = memoryStore()
  const { apiKeys, issue } = setUp({ store, pepper })
  const issued = await issue()
  const row = await store.find(issued.record.id)
  const secrets = [
    issued.key.slice(21, 33),
    issued.key.slice(52, 64),
    row?.hash ?? '',
    row?.tag ?? '',
    pepper,
  ]
  const expectNoSecretIn = (value: unknown) => {
    const texts = [
      inspect(value, { showHidden: true, depth: 20, getters: true }),
      String(value),
      JSON.stringify(value) ?? '',
    ]
    for (const text of texts) for (const secret of secrets) expect(text).not.toContain(secret)
  }
  return { store, apiKeys, issue, issued, expectNoSecretIn }
}

describe('a secret, hash, tag or pepper', () => {
  it('is in nothing that the core gives out', async () => {
    const { apiKeys, issued, expectNoSecretIn } = await keyWithStore()
    const { id } = issued.record
    expectNoSecretIn(issued.record)
    expectNoSecretIn(await apiKeys.verify(issued.key))
    expectNoSecretIn(await apiKeys.verify(`${issued.key} `))
    expectNoSecretIn(await apiKeys.find(id))
    expectNoSecretIn(await apiKeys.list({ projectId: '42' }))
    expectNoSecretIn(await apiKeys.update(id, { label: 'renamed' }))
    expectNoSecretIn(await apiKeys.revoke(id))
    expectNoSecretIn(apiKeys)
  })

  it('is in no error, not even when a key is passed where an id belongs', async () => {
    const { store, apiKeys, issue, issued, expectNoSecretIn } = await keyWithStore()
    const { key, record } = issued
    const failing: Hasher = { ...fastHasher(), verify: () => Promise.reject(new Error('out of memory')) }
    const attempts = [
      async () => setUp({ store, hasher: failing, pepper }).apiKeys.verify(key),
      () => apiKeys.rotate(key),
      () => apiKeys.revoke(key),
      () => apiKeys.update(key, { label: 'renamed' }),
      () => apiKeys.update(record.id, { label: '' }),
      () => issue({ key: `${key}x` }),
      () => issue({ key }),
      () =>
        apiKeys.issue({
          projectId: '42',
          environment: 'sandbox',
          label: 'a',
          key,
          idempotencyKey: key as never,
        }),
    ]
    for (const attempt of attempts) {
      const error: unknown = await attempt().then(
        () => expect.unreachable('it should have failed'),
        (caught) => caught,
      )
      expectNoSecretIn(error)
      expectNoSecretIn((error as Error).stack)
    }
  })

  it('is shown by the one value that issues it only when asked for by name', async () => {
    const { issued, expectNoSecretIn } = await keyWithStore()
    expect(inspect({ nested: [issued] }, { depth: 9 })).toContain(`key: '${issued.record.hint}'`)
    expectNoSecretIn(inspect(issued))
    expect(JSON.parse(JSON.stringify(issued)).key).toBe(issued.key)
  })
})

it('keeps memory flat under a quarter of a million distinct ids and addresses', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const { apiKeys, issue } = setUp()
  const { key } = await issue({ allowedIps: ['10.0.0.0/8'] })
  await apiKeys.verify(key, { ip: '10.0.0.1' })
  const format = createKeyFormat()
  const heap = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = heap()
  for (let i = 0; i < 250_000; i++) {
    const ip = `${i & 1 ? 10 : 11}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
    apiKeys.verify(format.generate('production').key, { ip })
    apiKeys.verify(key, { ip })
  }
  expect(heap() - before).toBeLessThan(12_500_000)
}, 60_000)
