// Requests of the log that are copied as a command or a program, run as somebody would run them.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { LANGUAGES, replayOf } from '../../dashboard/src/requests/replays.js'
import type { JournalEntry } from '../../src/control/wire.js'
import type { MockServer } from '../../src/index.js'
import { document, ok, send, start } from '../harness.js'

const run = promisify(execFile)
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  text: string,
) => () => Promise<unknown>
const spec = (scheme: object) =>
  document(
    { '/things': { get: ok({}), post: { requestBody: { content: { '*/*': {} } }, ...ok({}) } } },
    { components: { securitySchemes: { own: scheme } }, security: [{ own: [] }] },
  )

/** What is the same when a request is sent again. */
const COMPARED = ['method', 'path', 'bodyText', 'bodyBytes', 'status', 'keyId', 'reason'] as const

const runners: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
  curl: (text) => run('bash', ['-c', text]),
  fetch: (text) => new AsyncFunction(text.replace('console.log', 'void '))(),
}

const schemes: readonly (readonly [scheme: object, headers: (key: string) => Record<string, string>])[] = [
  [{ type: 'apiKey', in: 'header', name: 'X-API-Key' }, (key) => ({ 'x-api-key': key })],
  [{ type: 'http', scheme: 'bearer' }, (key) => ({ authorization: `Bearer ${key}` })],
  [{ type: 'http', scheme: 'basic' }, (key) => ({ authorization: `Basic ${btoa(`${key}:`)}` })],
  [{ type: 'apiKey', in: 'cookie', name: 'sid' }, (key) => ({ cookie: `sid=${key}` })],
  [{ type: 'apiKey', in: 'query', name: 'ticket' }, () => ({})],
]

const bodies: readonly (readonly [body: string | undefined, type?: string])[] = [
  [undefined],
  ['{"text":"it\'s $HOME `date` \\"quoted\\" \\n Grüße 👋"}', 'application/json'],
  ['not json, and\ntwo lines\n', 'application/json'],
  ['@/etc/hostname'],
  ['a=1&b=%20+2', 'application/x-www-form-urlencoded'],
  [
    '--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--xyz--\r\n',
    'multipart/form-data; boundary=xyz',
  ],
]

function recorded(mock: MockServer, number: number): JournalEntry {
  const entry = mock.requests().find((one) => one.number === number)
  if (entry === undefined) throw new Error(`Request ${number} has not been recorded`)
  return entry
}

describe('a request that is copied from the log', () => {
  describe.each(Object.entries(runners))('as %s', (language, runProgram) => {
    it.each(schemes)('reaches the mock as the first one did, with %o', async (scheme, credentialOf) => {
      const mock = await start({ spec: spec(scheme) })
      const key = mock.keys.test
      let number = 0
      for (const [body, type] of bodies) {
        const headers = { 'x-trace': "it's $1", ...(type && { 'content-type': type }), ...credentialOf(key) }
        const bytes = body === undefined ? {} : { body: new TextEncoder().encode(body), method: 'POST' }
        await fetch(`${mock.url}/things?q=a%20[1]{2}&ticket=${key}`, { headers, ...bytes })
        const first = recorded(mock, ++number)
        const replay = replayOf(first, mock.url, { sandbox: key, production: mock.keys.live })
        await runProgram(LANGUAGES[language]?.(replay) ?? '')
        const again = recorded(mock, ++number)
        const fields = ({ headers: all }: JournalEntry) => [all['content-type'], all['x-trace']]
        expect([...COMPARED.map((name) => again[name]), ...fields(again)]).toEqual([
          ...COMPARED.map((name) => first[name]),
          ...fields(first),
        ])
      }
    })
  })

  it('as Python is a program that says the same', async () => {
    const mock = await start({ spec: spec({ type: 'http', scheme: 'bearer' }) })
    await send(mock, 'POST /things', { text: 'Grüße "👋"\n' }, { authorization: `Bearer ${mock.keys.test}` })
    const text =
      LANGUAGES.Python?.(replayOf(recorded(mock, 1), mock.url, { sandbox: 'KEY', production: 'LIVE' })) ?? ''
    expect(text.replaceAll(mock.url, 'URL')).toBe(`import requests

response = requests.request(
    "POST",
    "URL/things",
    headers={
        "content-type": "application/json",
        "authorization": "Bearer KEY",
        "accept": "*/*",
        "accept-language": "*"
    },
    data="{\\"text\\":\\"Grüße \\\\\\"👋\\\\\\"\\\\n\\"}".encode(),
)
print(response.status_code, response.text)`)
  })
})
