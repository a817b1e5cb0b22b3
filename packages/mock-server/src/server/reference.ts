// The served document for programs, `/openapi.json`, and for people, `/reference`: Scalar's API reference, whose one
// script is shipped in this package. The page asks nobody but this mock for anything.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Described } from '../control/overview.js'
import { entriesOf, isObject, lazy } from '../engine/json.js'
import { JSON_TYPE } from '../engine/response/answers.js'
import type { HandlerAnswer } from '../rules/handlers.js'
import type { Page } from '../rules/rules.js'
import { shipped } from '../shipped.js'

const SCRIPT = shipped('dist/reference/scalar.js.gz')

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Its components bring their styles along.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const SETTINGS = {
  documentDownloadType: 'json',
  // Each of these would ask another machine for something.
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
}

const html = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title.replace(/[<>&]/g, '')}</title>
<link rel="icon" href="data:,">
</head>
<body>
<noscript>This page needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<main id="reference"></main>
<script src="/reference/scalar.js"></script>
<script src="/reference/start.js"></script>
</body>
</html>
`

/** @param documents those that are served at this moment. */
export function createReference(
  documents: () => readonly Pick<Described, 'document' | 'prefix'>[],
): Readonly<Record<string, Page>> {
  const script = lazy(() => readFileSync(SCRIPT))

  const files: Readonly<Record<string, (origin: string, encodings: string) => HandlerAnswer>> = {
    '/reference': () => ({
      headers: { 'content-security-policy': POLICY },
      body: html(titlesOf(documents())),
    }),
    '/reference/start.js': () => ({
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
      body: `Scalar.createApiReference('#reference', ${JSON.stringify({ ...SETTINGS, ...sourcesOf(documents()) })})\n`,
    }),
    '/reference/scalar.js': (_, encodings) => {
      const headers = {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'private, max-age=3600',
        vary: 'accept-encoding',
      }
      return /\bgzip\b/.test(encodings)
        ? { headers: { ...headers, 'content-encoding': 'gzip' }, body: script() }
        : { headers, body: gunzipSync(script()) }
    },
  }

  return {
    '/openapi.json': ({ request: { path, method } }) =>
      path === '/openapi.json' && isReading(method) ? json(documents()[0]?.document.root ?? {}) : undefined,
    '/reference': ({ request: { path, method, headers }, origin }) => {
      if (!isReading(method)) return undefined
      const [, number = '1'] = DOCUMENT.exec(path) ?? []
      const found = DOCUMENT.test(path) ? documents()[Number(number) - 1] : undefined
      if (found !== undefined) return json(servedHere(found, origin, documents().length > 1))
      return files[path.replace(/\/$/, '')]?.(origin, String(headers['accept-encoding'] ?? ''))
    },
  }
}

const DOCUMENT = /^\/reference\/openapi(?:-(\d{1,4}))?\.json$/

const titlesOf = (documents: readonly Pick<Described, 'document'>[]): string =>
  documents.map(({ document }) => document.title).join(', ')

/** Where the page finds what it shows; it lets people choose among several documents. */
function sourcesOf(documents: readonly Pick<Described, 'document' | 'prefix'>[]): object {
  if (documents.length === 1) return { url: '/reference/openapi.json' }
  const sources = documents.map(({ document, prefix }, i) => ({
    title: `${document.title} (${prefix === '' ? '/' : prefix})`,
    slug: `document-${i + 1}`,
    url: `/reference/openapi-${i + 1}.json`,
  }))
  return { sources }
}

const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD'

const json = (body: object): HandlerAnswer => ({ headers: { 'content-type': JSON_TYPE }, body })

/** The document as this mock serves it: a request that is tried there must reach the mock. */
function servedHere(
  { document, prefix }: Pick<Described, 'document' | 'prefix'>,
  origin: string,
  isOneOfSeveral: boolean,
): object {
  const { host } = new URL(origin)
  const { root } = document
  if (isOneOfSeveral)
    return root.swagger === undefined
      ? { ...root, servers: [{ url: `${origin}${prefix}`, description: 'This mock' }] }
      : { ...root, host, schemes: ['http'], basePath: prefix === '' ? '/' : prefix }
  if (root.swagger !== undefined) return { ...root, host, schemes: ['http'] }
  const here = (node: unknown): unknown => {
    if (!isObject(node) || !Array.isArray(node.servers)) return node
    return {
      ...node,
      servers: [{ url: `${origin}${basePathOf(node.servers[0])}`, description: 'This mock' }],
    }
  }
  const paths = entriesOf(root, 'paths').map(([path, item]) => [path, here(item)])
  return { servers: [{ url: origin }], ...(here(root) as object), paths: Object.fromEntries(paths) }
}

/** The path of a server's address, without variables. */
function basePathOf(server: unknown): string {
  const url = isObject(server) && typeof server.url === 'string' ? server.url : ''
  return (
    /^(?:[a-z]+:)?\/\/[^/]+(\/[^{?#]*)$|^(\/[^{?#]*)$/i
      .exec(url)
      ?.slice(1)
      .find(Boolean)
      ?.replace(/\/$/, '') ?? ''
  )
}
