// Requests as an attacker or a broken client sends them, as bytes, and where each must end.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { withChange, withChecksum } from './host.js'
import { exchange, get } from './wire.js'

const inner = (key: string, inserted: string) => `${key.slice(0, 20)}${inserted}${key.slice(20)}`
export const line = (value: string) => get('/', `X-API-Key: ${value}`)
const swapped = (key: string, at: number) =>
  key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2)

const manyHeaders = Array.from({ length: 2_100 }, () => 'a:')

/** Whether this release of Node passes over the headers beyond 2,000; later ones answer 431. */
async function nodeDropsHeaders(): Promise<boolean> {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [response] = await exchange(port, get('/', ...manyHeaders))
  server.close()
  return response?.status === 200
}
const dropsHeaders = await nodeDropsHeaders()

/** Where a request must end: in Node's parser, in ours, after one read of the store, or in the handler. */
type Stop = 'node' | 'parse' | 'store' | 'handler'
type Row = [
  name: string,
  stop: Stop,
  request: (ground: Ground) => string | Buffer,
  status?: number | undefined,
]

/** What requests are made of. */
export interface Ground {
  /** A valid key, its id, and another valid key. */
  readonly V: string
  readonly id: string
  readonly other: string
}

export const badInputs: readonly Row[] = [
  ['no header', 'parse', () => get('/')],
  ['an empty header', 'parse', () => get('/', 'X-API-Key:')],
  ['only spaces', 'parse', () => get('/', 'X-API-Key:      ')],
  ['white space around the key', 'handler', ({ V }) => get('/', `X-API-Key: \t ${V} \t `)],
  ['a space inside', 'parse', ({ V }) => line(inner(V, ' '))],
  ['a tab inside', 'parse', ({ V }) => line(inner(V, '\t'))],
  ['the key in two headers', 'parse', ({ V }) => get('/', `X-API-Key: ${V}`, `X-API-Key: ${V}`)],
  ['a bad key, then the key', 'parse', ({ V }) => get('/', 'X-API-Key: bad', `X-API-Key: ${V}`)],
  [
    'the key, then a bad key under another spelling',
    'parse',
    ({ V }) => get('/', `X-API-Key: ${V}`, 'x-api-KEY: bad'),
  ],
  ['a list of keys', 'parse', ({ V }) => line(`${V}, ${V}`)],
  ['900 equal headers', 'parse', () => get('/', ...Array<string>(900).fill('X-API-Key: a'))],
  ['underscores in the name', 'parse', ({ V }) => get('/', `X_API_Key: ${V}`)],
  ['a space before the colon', 'node', ({ V }) => get('/', `X-Api-Key : ${V}`), 400],
  ['a folded line', 'node', ({ V }) => line(`${V}\r\n more`), 400],
  ['a NUL inside', 'node', ({ V }) => line(inner(V, '\0')), 400],
  ['a bare line feed', 'node', ({ V }) => line(`${V}\nX-Other: 1`), 400],
  ['a bare carriage return', 'node', ({ V }) => line(`${V}\rX-Other: 1`), 400],
  ['a vertical tab', 'node', ({ V }) => line(inner(V, '\v')), 400],
  ['a delete character', 'node', ({ V }) => line(inner(V, '\x7f')), 400],
  ['a Latin-1 letter appended', 'parse', ({ V }) => Buffer.from(line(`${V}\xe9`), 'latin1')],
  ['a Cyrillic letter', 'parse', ({ V }) => line(V.replace('live', 'l\u0456ve'))],
  ['full-width letters', 'parse', ({ V }) => line(V.replace('gsk', '\uff47\uff53\uff4b'))],
  ['a zero-width joiner', 'parse', ({ V }) => line(inner(V, '\u200d'))],
  ['a byte order mark', 'parse', ({ V }) => line(`\ufeff${V}`)],
  ['a soft hyphen', 'parse', ({ V }) => line(inner(V, '\u00ad'))],
  ['a right-to-left override', 'parse', ({ V }) => line(`\u202e${V}`)],
  ['an emoji', 'parse', ({ V }) => line(inner(V, '\u{1f511}'))],
  ['15,000 characters', 'parse', () => line('a'.repeat(15_000))],
  ['17,000 characters', 'node', () => line('a'.repeat(17_000)), 431],
  [
    'the key after 2,100 other headers, which Node drops or refuses',
    dropsHeaders ? 'parse' : 'node',
    ({ V }) => get('/', ...manyHeaders, `X-API-Key: ${V}`),
    dropsHeaders ? undefined : 431,
  ],
  ['a prefix and nothing else', 'parse', () => line('gsk_live_')],
  ['the product and nothing else', 'parse', () => line('gsk_')],
  ['no separator at the end', 'parse', () => line('gsk_live')],
  ['two separators', 'parse', ({ V }) => line(V.replace('gsk_', 'gsk__'))],
  ['a prefix in capitals', 'parse', ({ V }) => line(V.replace('gsk_live_', 'GSK_LIVE_'))],
  ['an environment with a capital', 'parse', ({ V }) => line(V.replace('live', 'Live'))],
  ['an unknown environment', 'parse', ({ V }) => line(withChecksum(V.replace('live', 'prod')))],
  ['another environment, old checksum', 'parse', ({ V }) => line(V.replace('live', 'test'))],
  ['another environment, right checksum', 'store', ({ V }) => line(withChecksum(V.replace('live', 'test')))],
  ['the environment __proto__', 'parse', ({ V }) => line(withChecksum(V.replace('live', '__proto__')))],
  ['the environment constructor', 'parse', ({ V }) => line(withChecksum(V.replace('live', 'constructor')))],
  ['the environment toString', 'parse', ({ V }) => line(withChecksum(V.replace('live', 'toString')))],
  ['the id __proto__', 'parse', ({ V, id }) => line(withChecksum(V.replace(id, '__proto__000')))],
  ['a character missing', 'parse', ({ V }) => line(V.slice(0, -1))],
  ['a character too many', 'parse', ({ V }) => line(`${V}0`)],
  ['a wrong checksum', 'parse', ({ V }) => line(withChange(V, -1))],
  ['another secret, old checksum', 'parse', ({ V }) => line(withChange(V, 30))],
  ['another secret, right checksum', 'store', ({ V }) => line(withChecksum(withChange(V, 30)))],
  [
    'two characters of the secret swapped',
    'parse',
    ({ V }) =>
      line(
        swapped(
          V,
          [...V].findIndex((char, i) => i > 21 && char !== V.charAt(i + 1)),
        ),
      ),
  ],
  [
    'the secret of another key',
    'store',
    ({ V, other }) => line(withChecksum(V.slice(0, 21) + other.slice(21))),
  ],
  ['an unknown id', 'store', ({ V }) => line(withChecksum(withChange(V, 12)))],
  ['a trailing =', 'parse', ({ V }) => line(`${V}=`)],
  ['a trailing %3D', 'parse', ({ V }) => line(`${V}%3D`)],
  ['percent encoding', 'parse', ({ V }) => line(V.replaceAll('_', '%5F'))],
  ['quotation marks', 'parse', ({ V }) => line(`"${V}"`)],
  ['a Bearer scheme', 'parse', ({ V }) => line(`Bearer ${V}`)],
  ['an ApiKey scheme', 'parse', ({ V }) => line(`ApiKey ${V}`)],
  ['a parameter', 'parse', ({ V }) => line(`${V};foo=bar`)],
  ['SQL in place of the id', 'parse', ({ V, id }) => line(withChecksum(V.replace(id, "' OR 1=1 -- ")))],
  [
    'a LIKE wildcard in place of the id',
    'parse',
    ({ V, id }) => line(withChecksum(V.replace(id, '%'.repeat(12)))),
  ],
  ['another LIKE wildcard', 'parse', ({ V, id }) => line(withChecksum(V.replace(id, '_'.repeat(12))))],
  [
    'both Content-Length and Transfer-Encoding',
    'node',
    ({ V }) =>
      `${get('/', `X-API-Key: ${V}`, 'Content-Length: 5', 'Transfer-Encoding: chunked').replace('GET', 'POST')}0\r\n\r\n`,
    400,
  ],
  ['two Host headers, with the key', 'handler', ({ V }) => get('/', 'Host: evil.example', `X-API-Key: ${V}`)],
  ['two Host headers, without', 'parse', () => get('/', 'Host: evil.example')],
  ['an absolute target, with the key', 'handler', ({ V }) => get('http://evil.example/x', `X-API-Key: ${V}`)],
  ['an absolute target, without', 'parse', () => get('http://evil.example/x')],
  ['OPTIONS *, with the key', 'handler', ({ V }) => get('*', `X-API-Key: ${V}`).replace('GET', 'OPTIONS')],
  ['OPTIONS *, without', 'parse', () => get('*').replace('GET', 'OPTIONS')],
  ['a path of tricks, with the key', 'handler', ({ V }) => get('//evil.example/..%2e', `X-API-Key: ${V}`)],
  ['a path of tricks, without', 'parse', () => get('//evil.example/..%2e')],
  ['a malformed Host, with the key', 'handler', ({ V }) => line(V).replace('localhost', '[::')],
  ['a malformed Host, without', 'parse', () => get('/').replace('localhost', '[::')],
]

export const ends: Record<Stop, { status: number; reads: number }> = {
  node: { status: 400, reads: 0 },
  parse: { status: 401, reads: 0 },
  store: { status: 401, reads: 1 },
  handler: { status: 200, reads: 1 },
}
