import { describe, expect, it } from 'vitest'
import { managementHost, newKey } from './management-host.js'

const DAY_MS = 86_400_000

describe('an Idempotency-Key', () => {
  const headers = { 'Idempotency-Key': 'order-66' }

  it('makes a repeated call show the first key again, without the secret', async () => {
    const { call } = await managementHost()
    const first = await call('POST', '/projects/1/keys', { body: newKey, headers })
    const { key, ...record } = first.body
    expect(first.status).toBe(201)
    expect(first.headers.get('idempotent-replayed')).toBeNull()

    const again = await call('POST', '/projects/1/keys', { body: newKey, headers })
    expect(again.status).toBe(200)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.body).toEqual(record)
    expect(again.text).not.toContain(key.slice(21))
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(1)
  })

  it('is refused with another body', async () => {
    const { call } = await managementHost()
    await call('POST', '/projects/1/keys', { body: newKey, headers })
    const other = await call('POST', '/projects/1/keys', { body: { ...newKey, label: 'other' }, headers })
    expect(other.status).toBe(409)
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(1)
  })

  it('lets one of two concurrent calls through', async () => {
    const { call } = await managementHost()
    const pair = await Promise.all(
      [1, 2].map(() => call('POST', '/projects/1/keys', { body: newKey, headers })),
    )
    expect(pair.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(1)
  })

  it('means something new after 24 hours', async () => {
    let now = Date.now()
    const { call } = await managementHost({ keys: { now: () => now } })
    const issue = () => call('POST', '/projects/1/keys', { body: newKey, headers })
    await issue()
    now += DAY_MS - 1
    expect((await issue()).status).toBe(200)
    now += 1
    expect((await issue()).status).toBe(201)
    expect((await call('GET', '/projects/1/keys')).body).toHaveLength(2)
  })

  it('is one per project', async () => {
    const { call } = await managementHost()
    for (const project of ['1', '2']) {
      expect((await call('POST', `/projects/${project}/keys`, { body: newKey, headers })).status).toBe(201)
    }
  })

  it('makes a repeated rotation answer like the first', async () => {
    const { call, use } = await managementHost()
    const { id } = (await call('POST', '/projects/1/keys', { body: newKey })).body
    const first = await call('POST', `/projects/1/keys/${id}/rotate`, { headers })
    const again = await call('POST', `/projects/1/keys/${id}/rotate`, { headers })
    const { key, ...record } = first.body
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 200, 'true'])
    expect(again.body).toEqual(record)
    expect(await use(key)).toBe(200)
    const other = await call('POST', `/projects/1/keys/${id}/rotate`, { headers, body: { gracePeriodMs: 5 } })
    expect(other.status).toBe(409)
  })
})
