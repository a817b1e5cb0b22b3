// The served document for programs, `/openapi.json`, and for people, `/reference`: Swagger UI, which is shipped in this
// package. The page asks nobody but this mock for anything.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Described } from '../control/overview.js'
import { entriesOf, isObject, type JsonObject, lazy } from '../engine/json.js'
import { JSON_TYPE } from '../engine/response/answers.js'
import { inHtml } from '../form-page.js'
import type { HandlerAnswer } from '../rules/handlers.js'
import type { Page } from '../rules/rules.js'
import { shipped } from '../shipped.js'
import { DEFAULT_PROJECT } from '../storage/database.js'

const shippedFiles = {
  '/reference/swagger-ui.js': 'text/javascript; charset=utf-8',
  '/reference/swagger-ui.css': 'text/css; charset=utf-8',
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The page and its components bring their styles along.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const START = `const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
const [number = '1'] = /^\\d+$/.exec(new URLSearchParams(location.search).get('document')) ?? []
document.querySelector('nav a[href="?document=' + number + '"]')?.setAttribute('aria-current', 'page')
SwaggerUIBundle({
  url: '/reference/openapi-' + number + '.json',
  dom_id: '#reference',
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  filter: true,
  defaultModelsExpandDepth: 0,
  // It would be asked on another machine.
  validatorUrl: null,
})
`

const STYLES = `body { margin: 0 }
nav { display: flex; flex-wrap: wrap; gap: 1rem; padding: 1rem 1.25rem; font: 1rem/1.5 system-ui, sans-serif }
nav a { color: #3b4151 }
nav a[aria-current] { font-weight: 600; text-decoration: none }
html.dark-mode, html.dark-mode body { background: #1c2022 }
html.dark-mode nav a { color: #e4e6e6 }
`

const html = (title: string, links: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/reference/swagger-ui.css">
<style>${STYLES}</style>
</head>
<body>
<noscript>This page needs JavaScript. The document itself is at <a href="/openapi.json">/openapi.json</a>.</noscript>
${links}<main id="reference"></main>
<script src="/reference/swagger-ui.js"></script>
<script src="/reference/start.js"></script>
</body>
</html>
`

/** @param documents those that are served at this moment. */
export function createReference(
  documents: () => readonly Pick<Described, 'document' | 'prefix'>[],
): Readonly<Record<string, Page>> {
  const pages: Readonly<Record<string, () => HandlerAnswer>> = {
    '/reference': () => ({
      headers: { 'content-security-policy': POLICY },
      body: html(inHtml(titlesOf(documents())), linksTo(documents())),
    }),
    '/reference/start.js': () => ({
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
      body: START,
    }),
  }
  const files = Object.fromEntries(
    Object.entries(shippedFiles).map(([path, type]) => [path, compressedFile(path, type)]),
  )

  return {
    '/openapi.json': ({ request: { path, method } }) =>
      path === '/openapi.json' && isReading(method) ? json(documents()[0]?.document.root ?? {}) : undefined,
    '/reference': ({ request: { path, method, headers }, origin }) => {
      if (!isReading(method)) return undefined
      const [, number = '1'] = DOCUMENT.exec(path) ?? []
      const found = DOCUMENT.test(path) ? documents()[Number(number) - 1] : undefined
      if (found !== undefined) return json(servedHere(found, origin, documents().length > 1))
      return pages[path.replace(/\/$/, '')]?.() ?? files[path]?.(String(headers['accept-encoding'] ?? ''))
    },
  }
}

const DOCUMENT = /^\/reference\/openapi(?:-(\d{1,4}))?\.json$/

const titlesOf = (documents: readonly Pick<Described, 'document'>[]): string =>
  documents.map(({ document }) => document.title).join(', ')

/** Lets people choose among several documents. */
function linksTo(documents: readonly Pick<Described, 'document' | 'prefix'>[]): string {
  if (documents.length === 1) return ''
  const links = documents.map(
    ({ document, prefix }, i) =>
      `<a href="?document=${i + 1}">${inHtml(document.title)} (${inHtml(prefix === '' ? '/' : prefix)})</a>`,
  )
  return `<nav aria-label="Documents">${links.join('')}</nav>\n`
}

/** A file that is shipped compressed, for clients that take it so and for others. */
function compressedFile(path: string, type: string): (encodings: string) => HandlerAnswer {
  const compressed = lazy(() => readFileSync(shipped(`dist${path}.gz`)))
  const headers = { 'content-type': type, 'cache-control': 'private, max-age=3600', vary: 'accept-encoding' }
  return (encodings) =>
    /\bgzip\b/.test(encodings)
      ? { headers: { ...headers, 'content-encoding': 'gzip' }, body: compressed() }
      : { headers, body: gunzipSync(compressed()) }
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
  const root = withTries(document, prefix, origin, isOneOfSeveral)
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

/** The document with a link to the dashboard at each operation, where it can be tried with the mock's own key. */
function withTries(
  { root, operations }: Described['document'],
  prefix: string,
  origin: string,
  isOneOfSeveral: boolean,
): JsonObject {
  const names = new Map(
    operations.map(({ id, method, path }) => [
      `${method} ${path}`,
      isOneOfSeveral ? `${method} ${prefix}${path}` : id,
    ]),
  )
  const linked = (path: string, method: string, operation: unknown): unknown => {
    const name = names.get(`${method.toUpperCase()} ${path}`)
    if (name === undefined || !isObject(operation)) return operation
    const link = `[Try it in the dashboard](${origin}${TRY}/${encodeURIComponent(name)})`
    const own = typeof operation.description === 'string' ? `${operation.description}\n\n` : ''
    return { ...operation, description: own + link }
  }
  const paths = entriesOf(root, 'paths').map(([path, item]) => [
    path,
    isObject(item)
      ? Object.fromEntries(Object.entries(item).map(([method, one]) => [method, linked(path, method, one)]))
      : item,
  ])
  return root.paths === undefined ? root : { ...root, paths: Object.fromEntries(paths) }
}

const TRY = `/dashboard/#/projects/${DEFAULT_PROJECT.id}/sandbox/try`

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
