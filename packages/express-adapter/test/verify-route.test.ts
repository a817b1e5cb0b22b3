import express from 'express'
import { describe, expect, it } from 'vitest'
import { verifyRoute } from '../src/index.js'
import { contract, createContractKeys, UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys, listen } from './host.js'
import { exchange, get } from './wire.js'

describe('a route that proxies ask', () => {
  it('answers with header fields only, and all of them, whatever the method', async () => {
    const { apiKeys } = createTestKeys()
    const { key, record } = await apiKeys.issue({ projectId: '42', environment: 'sandbox', label: 'test' })
    const { url } = await listen(express().use('/verify', verifyRoute(apiKeys)))
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const response = await fetch(`${url}/verify/v1/messages`, { method, headers: { 'X-API-Key': key } })
      expect([method, response.status, await response.text()]).toEqual([method, 200, ''])
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'x-project-id': '42',
        'x-key-id': record.id,
        'x-environment': 'sandbox',
        'x-scopes': '',
        'cache-control': 'no-store',
        vary: 'X-API-Key',
      })
      expect(response.headers.has('etag')).toBe(false)
    }
  })

  it('refuses as the middleware does, with the body in a header field too', async () => {
    const keys = await createContractKeys()
    const requirements = { environment: 'production', scopes: ['messages:write'] }
    const { port } = await listen(express().use('/verify', verifyRoute(keys.apiKeys, requirements)))
    for (const refused of contract.filter(({ status }) => status !== 200)) {
      const key = refused.present(keys)
      const [response] = await exchange(
        port,
        get('/verify', ...(key === undefined ? [] : [`X-API-Key: ${key}`])),
      )
      expect([refused.name, response?.status]).toEqual([refused.name, refused.status])
      expect(response?.body).toBe(refused.body)
      expect(response?.headers['x-error-body']).toBe(refused.body)
    }
    expect(UNAUTHORIZED_BODY).toMatch(/^[\x20-\x7e]+$/)
  })

  it.each([
    ['42', '42'],
    ['acme/eu-1', 'acme/eu-1'],
    ['100%', '100%25'],
    ['Åse', '%C3%85se'],
    ['a b', 'a%20b'],
    ['🔑', '%F0%9F%94%91'],
  ])('writes the project %j as %j, which is decoded without loss', async (projectId, written) => {
    const { apiKeys } = createTestKeys()
    const { key } = await apiKeys.issue({ projectId, environment: 'sandbox', label: 'test' })
    const { url } = await listen(express().use(verifyRoute(apiKeys)))
    const field = (await fetch(url, { headers: { 'X-API-Key': key } })).headers.get('x-project-id') ?? ''
    expect(field).toBe(written)
    expect(decodeURIComponent(field)).toBe(projectId)
  })

  it('is checked when it is made', () => {
    const { apiKeys } = createTestKeys()
    expect(() => verifyRoute({} as never)).toThrow(TypeError)
    expect(() => verifyRoute(apiKeys, { environment: 'staging' })).toThrow(TypeError)
    expect(() => verifyRoute(apiKeys, { scope: [] } as never)).toThrow(TypeError)
  })
})
