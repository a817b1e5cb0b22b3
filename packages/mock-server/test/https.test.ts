// https: the certificate, both versions of HTTP on one port, and clients that show a certificate of their own.

import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { connect } from 'node:http2'
import { join } from 'node:path'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { Agent, fetch } from 'undici'
import { describe, expect, it } from 'vitest'
import { LANGUAGES, replayOf } from '../dashboard/src/requests/replays.js'
import { greetingOf } from '../src/command/greeting.js'
import type { MockServer } from '../src/index.js'
import { document, folder, ok, start, stop } from './harness.js'

const run = promisify(execFile)

const things = document({
  '/things': {
    get: ok({ type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } }),
    put: {
      requestBody: { content: { 'text/plain': { schema: { type: 'string' } } } },
      responses: { 200: { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } } },
    },
  },
})

async function ask(
  mock: MockServer,
  path: string,
  {
    connection = {},
    allowH2 = false,
    ...init
  }: {
    connection?: object
    allowH2?: boolean
    method?: string
    body?: string
    headers?: Record<string, string>
  } = {},
) {
  const dispatcher = new Agent({ allowH2, connect: { ca: mock.certificate, ...connection } })
  try {
    const reply = await fetch(mock.url + path, { dispatcher, ...init })
    return { status: reply.status, headers: reply.headers, text: await reply.text() }
  } finally {
    await dispatcher.destroy()
  }
}

describe('https', () => {
  it.each([false, true])('serves the API and all of the mock’s own (HTTP/2: %s)', async (allowH2) => {
    const mock = await start({ spec: things, https: true })
    expect(mock.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const admin = { 'x-admin-key': mock.adminKey }
    for (const [path, headers] of [
      ['/things', {}],
      ['/_mock', admin],
      ['/admin/projects', admin],
      ['/dashboard/', {}],
      ['/openapi.json', {}],
    ] as const)
      expect([path, (await ask(mock, path, { allowH2, headers })).status]).toEqual([path, 200])
    const origin = mock.url.replace('https', 'http')
    const foreign = await ask(mock, '/_mock', { allowH2, headers: { ...admin, origin } })
    expect(foreign.status).toBe(403)
    const own = await ask(mock, '/_mock', { allowH2, headers: { ...admin, origin: mock.url } })
    expect(own.status).toBe(200)
    const body = 'x'.repeat(3_000_000)
    const headers = { 'content-type': 'text/plain' }
    expect((await ask(mock, '/things', { allowH2, method: 'PUT', body, headers })).status).toBe(200)
    mock.setFaults([{ drop: true }])
    await expect(ask(mock, '/things', { allowH2 })).rejects.toThrow()
  })

  it('shows commands that work as they are pasted', async () => {
    const mock = await start({ spec: things, https: true })
    const { text } = await ask(mock, '/', { headers: { accept: 'text/html' } })
    const [, escaped = ''] = /<code>(curl .*?)<\/code>/.exec(text) ?? []
    const shown = escaped.replaceAll('&#39;', "'").replaceAll('&amp;', '&')
    const greeted = /^ {2}(curl .*)$/m.exec(greetingOf(mock, {}))?.[1] ?? ''
    const keys = { sandbox: mock.keys.test, production: mock.keys.live }
    const sent = {
      method: 'GET',
      path: '/things',
      headers: {},
      bodyText: null,
      environment: 'sandbox',
    } as const
    const replayed = LANGUAGES.curl?.(replayOf(sent, mock.url, keys)) ?? ''
    for (const command of [shown, greeted, replayed]) {
      const { stdout } = await run('bash', ['-c', command.replace('curl', 'curl -s')])
      expect([command, Array.isArray(JSON.parse(stdout))]).toEqual([command, true])
    }
    expect(LANGUAGES.Python?.(replayOf(sent, mock.url, keys))).toContain('verify=False')
  })

  it('answers many requests of one HTTP/2 connection, and closes while it is open', async () => {
    const mock = await start({ spec: things, https: true })
    const session = connect(mock.url, { ca: mock.certificate })
    session.on('error', () => {})
    const statuses = await Promise.all(
      Array.from(
        { length: 50 },
        () =>
          new Promise<unknown>((resolve, reject) => {
            const stream = session.request({ ':path': '/things' })
            stream.on('response', (headers) => resolve(headers[':status']))
            stream.on('error', reject)
            stream.resume().end()
          }),
      ),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    const closed = new Promise<void>((resolve) => session.once('close', () => resolve()))
    await stop(mock)
    await closed
  })

  it('keeps the certificate that it has made, for this machine alone, and trusts none that is not its own', async () => {
    const db = join(await folder(), 'mock.db')
    const first = await start({ spec: things, https: true, db })
    await stop(first)
    const again = await start({ spec: things, https: true, db })
    expect(again.certificate).toBe(first.certificate)
    const known = new X509Certificate(String(again.certificate))
    expect([known.ca, known.checkHost('localhost'), known.checkHost('example.com')]).toEqual([
      false,
      'localhost',
      undefined,
    ])
    await stop(again)
    const named = await start({ spec: things, https: true, db, allowedHosts: ['mock.example:8443'] })
    expect(new X509Certificate(String(named.certificate)).checkHost('mock.example')).toBe('mock.example')
    await expect(ask(named, '/things', { connection: { ca: first.certificate } })).rejects.toThrow()
  })

  it('says what is wrong with a certificate', async () => {
    const starting = (https: object) => start({ spec: things, https })
    await expect(starting({ cert: 'a' })).rejects.toThrow('https.key: must be given with the certificate')
    await expect(starting({ key: 'a' })).rejects.toThrow('https.cert: must be given with the key')
    await expect(starting({ cert: 'a', key: 'b' })).rejects.toThrow(/^https\.cert: cannot be used \(/)
  })
})

/** A certificate of one's own, and one that it signs for a client. */
function clientCertificates() {
  const made = (name: string, isCa: boolean, issuer?: { key: forge.pki.rsa.PrivateKey; name: string }) => {
    const keys = forge.pki.rsa.generateKeyPair(2048)
    const certificate = forge.pki.createCertificate()
    certificate.publicKey = keys.publicKey
    certificate.serialNumber = isCa ? '01' : '02'
    certificate.validity.notAfter = new Date(Date.now() + 86_400_000)
    certificate.setSubject([{ name: 'commonName', value: name }])
    certificate.setIssuer([{ name: 'commonName', value: issuer?.name ?? name }])
    certificate.setExtensions([{ name: 'basicConstraints', cA: isCa }])
    certificate.sign(issuer?.key ?? keys.privateKey, forge.md.sha256.create())
    const pem = {
      cert: forge.pki.certificateToPem(certificate),
      key: forge.pki.privateKeyToPem(keys.privateKey),
    }
    return { ...pem, name, privateKey: keys.privateKey }
  }
  const ca = made('Test CA', true)
  const client = made('client', false, { key: ca.privateKey, name: ca.name })
  const stranger = made('stranger', true)
  const shown = ({ cert, key }: { cert: string; key: string }) => ({ cert, key })
  return { ca: ca.cert, client: shown(client), stranger: shown(stranger) }
}

describe('a mutualTLS scheme', () => {
  const spec = document(
    { '/open': { get: ok() }, '/closed': { get: { ...ok(), security: [{ card: [] }] } } },
    { components: { securitySchemes: { card: { type: 'mutualTLS' } } } },
  )

  it('asks for a client certificate, and for one that --ca signs where there is one', {
    timeout: 60_000,
  }, async () => {
    const { ca, client, stranger } = clientCertificates()
    const [any, strict] = [await start({ spec, https: true }), await start({ spec, https: { ca } })]
    for (const allowH2 of [false, true]) {
      const statuses = async (mock: MockServer) =>
        Promise.all(
          [{}, stranger, client].map(
            async (connection) => (await ask(mock, '/closed', { connection, allowH2 })).status,
          ),
        )
      expect([await statuses(any), await statuses(strict)]).toEqual([
        [401, 200, 200],
        [401, 401, 200],
      ])
      expect((await ask(strict, '/open', { allowH2 })).status).toBe(200)
    }
    expect((await ask(strict, '/closed')).text).toContain('send a client certificate')
  })
})
