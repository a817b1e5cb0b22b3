// GitHub's secret scanning partner program, with a GitHub of our own: its keys, its signatures, its repetitions.

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKeyFormat } from '@gosend/auth-core'
import { memoryStore } from '@gosend/auth-core/memory'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { githubPublicKeys, type Leak, type SecretScanningOptions, secretScanning } from '../src/index.js'
import { captureOutput, createTestKeys, listen } from './host.js'

function newSigner(namedCurve = 'prime256v1') {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  return { privateKey, pem: String(publicKey.export({ type: 'spki', format: 'pem' })) }
}

const github = newSigner()
const KEY_ID = 'f9525bf080f75b3506ca1ead061add62'

async function host(options: Partial<SecretScanningOptions> = {}) {
  const store = { ...memoryStore() }
  const { apiKeys, counters } = createTestKeys({ store, events: {} })
  const leaks: Leak[] = []
  const errors: unknown[] = []
  const fetches = { count: 0 }
  const clock = { now: 0 }
  const app = express()
  const router = secretScanning({
    apiKeys,
    publicKeys: () => {
      fetches.count += 1
      return [{ key_identifier: KEY_ID, key: github.pem }]
    },
    onLeak: (leak) => leaks.push(leak),
    onError: (error) => errors.push(error),
    now: () => clock.now,
    ...options,
  })
  app.use('/leaks', router)
  const { url } = await listen(app)
  const issue = (attributes = {}) =>
    apiKeys.issue({ projectId: '42', environment: 'production', label: 'test', ...attributes })

  const post = async (body: string, headers: Record<string, string>) => {
    const response = await fetch(`${url}/leaks`, { method: 'POST', body, headers })
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  const report = (
    found: unknown,
    { signed = JSON.stringify(found), signer = github.privateKey, id = KEY_ID } = {},
  ) => post(JSON.stringify(found), signature(signed, signer, id))
  return { apiKeys, app, clock, counters, errors, fetches, issue, leaks, post, report, store, url }
}

function signature(body: string, privateKey: KeyObject, id = KEY_ID): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Github-Public-Key-Identifier': id,
    'Github-Public-Key-Signature': sign('sha256', Buffer.from(body), privateKey).toString('base64'),
  }
}

const finding = (token: string, changes = {}) => ({
  token,
  type: 'gosend_api_key',
  url: 'https://github.com/octocat/hello/blob/main/.env',
  source: 'content',
  ...changes,
})

const feedback = (token: string, label: string) => ({
  token_hash: createHash('sha256').update(token).digest('hex'),
  token_type: 'gosend_api_key',
  label,
})

describe('a report of a leaked key', () => {
  it('revokes the key, tells its owner where it was found, and tells GitHub that it was right', async () => {
    const { apiKeys, issue, leaks, report } = await host()
    const { key, record } = await issue()
    const { status, headers, body } = await report([finding(key)])
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body).toEqual([feedback(key, 'true_positive')])
    expect(await apiKeys.verify(key)).toMatchObject({ ok: false, reason: 'revoked' })
    const { token, ...found } = finding(key)
    expect(leaks).toEqual([
      { record: expect.objectContaining({ id: record.id, revokedAt: expect.any(Date) }), findings: [found] },
    ])
    expect(await apiKeys.history({ projectId: '42' })).toMatchObject([
      { action: 'revoked', actor: 'GitHub secret scanning' },
      { action: 'issued' },
    ])
  })

  it('may come again, and at the same time: the owner is told once', async () => {
    const { apiKeys, issue, leaks, report } = await host()
    const { key } = await issue()
    const found = [finding(key), finding(key, { source: 'commit' })]
    const answers = await Promise.all([report(found), report(found), report([finding(key)])])
    answers.push(await report(found))
    for (const { status, body } of answers) {
      expect({ status, body }).toEqual({ status: 200, body: [feedback(key, 'true_positive')] })
    }
    expect(leaks).toHaveLength(1)
    expect(await apiKeys.events({ type: 'key.leaked' })).toMatchObject([{ actor: 'GitHub secret scanning' }])
  })

  it('finds keys that could not be used from here either: expired, for other addresses, revoked long ago', async () => {
    const { apiKeys, issue, leaks, report } = await host()
    const nowhere = await issue({ allowedIps: [] })
    const revoked = await issue()
    await apiKeys.revoke(revoked.record.id)
    const { body } = await report([finding(nowhere.key), finding(revoked.key)])
    expect(body).toMatchObject([{ label: 'true_positive' }, { label: 'true_positive' }])
    expect(leaks.map(({ record }) => record.id)).toEqual([nowhere.record.id])
  })

  it('revokes nothing for a reporter who knows an id but not the secret', async () => {
    const { apiKeys, counters, issue, leaks, report } = await host()
    const { key, record } = await issue()
    const forged = createKeyFormat().generate('production', record.id).key
    const tokens = [forged, createKeyFormat().generate('sandbox').key, 'ghp_other', '']
    counters.hashes = 0
    const { body } = await report(tokens.map((token) => finding(token)))
    expect(body).toEqual(tokens.map((token) => feedback(token, 'false_positive')))
    expect({ leaks, hashes: counters.hashes }).toEqual({ leaks: [], hashes: 0 })
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })

  it('counts no use, and repeats no key', async () => {
    const logged = captureOutput()
    const { apiKeys, issue, report, leaks } = await host()
    const { key } = await issue()
    const { body } = await report([finding(key)])
    expect(await apiKeys.usage({ projectId: '42', from: new Date(0), to: new Date() })).toEqual([])
    expect(JSON.stringify([body, leaks, logged])).not.toContain(key.slice(21))
  })

  it('may hold 10,000 findings', async () => {
    const { issue, leaks, report } = await host()
    const keys = await Promise.all(Array.from({ length: 20 }, () => issue()))
    const found = Array.from({ length: 10_000 }, (_, i) =>
      finding(i % 500 === 0 ? (keys[i / 500]?.key ?? '') : createKeyFormat().generate('production').key),
    )
    const { status, body } = await report(found)
    expect(status).toBe(200)
    expect(body).toHaveLength(10_000)
    expect(leaks).toHaveLength(20)
  })
})

describe('the signature', () => {
  it.each<[string, (key: string) => Parameters<Awaited<ReturnType<typeof host>>['report']>]>([
    [
      'of a body with one more space',
      (key) => [[finding(key)], { signed: `${JSON.stringify([finding(key)])} ` }],
    ],
    [
      'of the same values in another order',
      (key) => [
        [finding(key)],
        { signed: JSON.stringify([Object.fromEntries(Object.entries(finding(key)).reverse())]) },
      ],
    ],
    ['by another key', (key) => [[finding(key)], { signer: newSigner().privateKey }]],
    ['by a key that is not published', (key) => [[finding(key)], { id: 'unheard-of' }]],
    ['by a name of Object.prototype', (key) => [[finding(key)], { id: 'constructor' }]],
  ])('%s is refused, and nothing happens', async (_, forge) => {
    const { apiKeys, issue, leaks, report } = await host()
    const { key } = await issue()
    const { status, body } = await report(...forge(key))
    expect({ status, body }).toEqual({
      status: 400,
      body: { statusCode: 400, message: 'Invalid or missing signature', error: 'Bad Request' },
    })
    expect(leaks).toEqual([])
    expect(await apiKeys.verify(key)).toMatchObject({ ok: true })
  })

  it.each([
    {},
    { 'Github-Public-Key-Identifier': KEY_ID },
    { 'Github-Public-Key-Identifier': KEY_ID, 'Github-Public-Key-Signature': '' },
    { 'Github-Public-Key-Identifier': KEY_ID, 'Github-Public-Key-Signature': 'bm9uc2Vuc2U=' },
    { 'Github-Public-Key-Identifier': KEY_ID, 'Github-Public-Key-Signature': '\u00ff' },
  ])('must be there, and be one: %j', async (headers) => {
    const { post } = await host()
    expect((await post('[]', headers)).status).toBe(400)
  })

  it('must be of P-256', async () => {
    const other = newSigner('secp384r1')
    const { report } = await host({ publicKeys: () => [{ key_identifier: KEY_ID, key: other.pem }] })
    expect((await report([], { signer: other.privateKey })).status).toBe(400)
  })
})

describe('the public keys', () => {
  it('are asked for once, however many reports and invented ids there are, and again after five minutes', async () => {
    const { clock, fetches, report } = await host()
    await Promise.all([report([]), report([]), report([])])
    for (let i = 0; i < 5; i++) await report([], { id: `invented-${i}` })
    expect(fetches.count).toBe(1)
    clock.now += 300_000
    await report([], { id: 'invented' })
    expect(fetches.count).toBe(2)
  })

  it('that are new are found', async () => {
    const next = newSigner()
    const published = [{ key_identifier: KEY_ID, key: github.pem }]
    const { clock, report } = await host({ publicKeys: () => published })
    expect((await report([])).status).toBe(200)
    published.push({ key_identifier: 'next', key: next.pem })
    clock.now += 300_000
    expect((await report([], { id: 'next', signer: next.privateKey })).status).toBe(200)
  })

  it('that cannot be had are our trouble: 503, and another attempt later', async () => {
    let isDown = true
    const { clock, errors, report, issue } = await host({
      publicKeys: () => {
        if (isDown) throw new Error('no route to host')
        return [{ key_identifier: KEY_ID, key: github.pem }]
      },
    })
    const { key } = await issue()
    const { status, headers } = await report([finding(key)])
    expect({ status, retry: headers.get('retry-after') }).toEqual({ status: 503, retry: '1' })
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^publicKeys: /), cause: { message: 'no route to host' } },
    ])
    isDown = false
    clock.now += 10_000
    expect((await report([finding(key)])).status).toBe(200)
  })

  it('come from GitHub by default, with a token when there is one', async () => {
    const asked: (string | undefined)[] = []
    let status = 200
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization)
      response
        .writeHead(status)
        .end(JSON.stringify({ public_keys: [{ key_identifier: KEY_ID, key: github.pem }] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await githubPublicKeys({ url, token: 'ghp_x' })()).toEqual([
      { key_identifier: KEY_ID, key: github.pem },
    ])
    expect(await githubPublicKeys({ url })()).toHaveLength(1)
    expect(asked).toEqual(['Bearer ghp_x', undefined])
    status = 403
    await expect(githubPublicKeys({ url })()).rejects.toThrow('403')
  })
})

describe('the endpoint', () => {
  it('answers an outage of the store with 503, and does the rest when the report is repeated', async () => {
    const { issue, leaks, report, store, errors } = await host()
    const { key } = await issue()
    const { find } = store
    store.find = () => Promise.reject(new Error('down'))
    expect((await report([finding(key)])).status).toBe(503)
    expect(errors).toHaveLength(1)
    store.find = find
    expect((await report([finding(key)])).status).toBe(200)
    expect(leaks).toHaveLength(1)
  })

  it.each([{}, 'text', null, [null], [{ token: 1, type: 'x' }], [{ token: 'x' }]])(
    'refuses what is no list of findings: %j',
    async (found) => {
      const { report } = await host()
      expect((await report(found)).status).toBe(400)
    },
  )

  it('refuses a body that is too large', async () => {
    const { post } = await host()
    const body = ' '.repeat(9_000_000)
    const { status } = await post(body, signature(body, github.privateKey))
    expect(status).toBe(413)
  })

  /** Begins a report that is never finished. */
  function stall(url: string, bytes: number) {
    const headers = { ...signature('', github.privateKey), 'Content-Length': '8000000' }
    const sent = request(`${url}/leaks`, { method: 'POST', headers, agent: false })
    const ended = new Promise<number | undefined>((resolve) => {
      sent.on('response', (response) => resolve(response.resume().statusCode))
      sent.on('error', () => resolve(undefined))
    })
    onTestFinished(() => void sent.destroy())
    sent.write(Buffer.alloc(bytes, ' '))
    return { ended }
  }

  it('takes a genuine report, small or large, whatever number of others have begun and stall', async () => {
    const { issue, report, url } = await host()
    await Promise.all(Array.from({ length: 200 }, () => stall(url, 1)))
    for (const url of ['', `https://github.com/${'x'.repeat(300_000)}`]) {
      const { key } = await issue()
      const { status, body } = await report([finding(key, { url })])
      expect({ status, body }).toEqual({ status: 200, body: [feedback(key, 'true_positive')] })
    }
  })

  it('holds 32 MB of unfinished reports at the most, and drops those that have been arriving for the longest time', async () => {
    const { report, url } = await host()
    const early = Array.from({ length: 4 }, () => stall(url, 7_000_000))
    const statusesOf = (reports: typeof early) =>
      Promise.all(
        reports.map(({ ended }) => Promise.race([ended, new Promise((r) => setImmediate(r, 'open'))])),
      )
    expect((await report([])).status).toBe(200)
    expect(await statusesOf(early)).toEqual(['open', 'open', 'open', 'open'])
    const late = stall(url, 7_000_000)
    await expect.poll(async () => (await statusesOf(early)).toSorted()).toEqual([503, 'open', 'open', 'open'])
    expect(await statusesOf([late])).toEqual(['open'])
    expect((await report([])).status).toBe(200)
  })

  it('is refused before its body is read when it is not even signed', async () => {
    const { url } = await host()
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${url}/leaks`, { method: 'POST', headers: { 'Content-Length': '8000000' } })
      sent.on('error', reject)
      sent.on('response', (response) => {
        resolve(response.statusCode)
        sent.destroy()
      })
      sent.flushHeaders()
    })
    expect(status).toBe(400)
  })

  it('refuses a compressed body, which is not what was signed', async () => {
    const { post } = await host()
    const headers = { ...signature('[]', github.privateKey), 'Content-Encoding': 'gzip' }
    expect((await post('[]', headers)).status).toBe(400)
  })

  it('says so when the body was read before it', async () => {
    const { apiKeys } = createTestKeys()
    const errors: unknown[] = []
    const app = express().use(express.json())
    const publicKeys = () => [{ key_identifier: KEY_ID, key: github.pem }]
    app.use('/leaks', secretScanning({ apiKeys, publicKeys, onError: (error) => errors.push(error) }))
    const { url } = await listen(app)
    const response = await fetch(`${url}/leaks`, {
      method: 'POST',
      body: '[]',
      headers: signature('[]', github.privateKey),
    })
    expect(response.status).toBe(503)
    expect(errors).toMatchObject([{ message: 'secretScanning: mount it before express.json()' }])
  })

  it('is checked when it is made', () => {
    const { apiKeys } = createTestKeys()
    expect(() => secretScanning({} as never)).toThrow(TypeError)
    expect(() => secretScanning({ apiKeys, publicKeys: [] as never })).toThrow(TypeError)
  })
})
