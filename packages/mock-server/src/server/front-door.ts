// What is at `/`, where the document has nothing there: what is served and where to go on, for people and for programs.

import type { MockOverview } from '../control/wire.js'
import { curlOf } from '../engine/document/curl.js'
import { formPage, inHtml } from '../form-page.js'
import type { Page } from '../rules/rules.js'

const PLACES = [
  { name: 'dashboard', path: '/dashboard', text: 'Requests, keys and stored objects' },
  { name: 'reference', path: '/reference', text: 'Every operation, to read and to try' },
  { name: 'openapi', path: '/openapi.json', text: 'The document, for programs' },
] as const

export function createFrontDoor(overview: () => MockOverview): Page {
  return ({ request: { headers }, origin }) => {
    const shown = overview()
    const vary = { vary: 'Accept' }
    if (!String(headers.accept).includes('text/html'))
      return { headers: { ...vary, 'content-type': 'application/json' }, body: forPrograms(shown, origin) }
    const page = formPage({ title: shown.title, content: forPeople(shown, origin), footer: 'gosend-mock' })
    return { ...page, headers: { ...page.headers, ...vary } }
  }
}

function forPrograms({ title, version, operations, documents }: MockOverview, origin: string): object {
  const places = PLACES.map(({ name, path }) => [name, origin + path])
  return { title, version, operations, ...(documents && { documents }), ...Object.fromEntries(places) }
}

function forPeople(overview: MockOverview, origin: string): string {
  const { title, version, operations, documents, example, keyVariable } = overview
  const { security } = example
  const key = `$${keyVariable}`
  const curl = curlOf({ address: `${origin}${example.path}`, security, key, quote: '"' })
  const needsKey = curl.includes(key)
  const served = documents?.map(
    (one) => `<li>${inHtml(`${one.title} ${one.version}, below ${one.path}`)}</li>`,
  )
  return [
    '<p class="step">A sandbox on this machine</p>',
    `<h1>${inHtml(documents === undefined ? `${title} ${version}` : title)}</h1>`,
    `<p>${operations} operation${operations === 1 ? '' : 's'}, answered from the OpenAPI document.</p>`,
    served === undefined ? '' : `<ul>${served.join('')}</ul>`,
    ...PLACES.map(({ path, text }) => `<p><a href="${path}">${path}</a><br>${text}</p>`),
    '<h2>A first request</h2>',
    needsKey
      ? `<p>The terminal that runs the mock shows its sandbox key. The dashboard makes further ones.</p>
<pre><code>export ${inHtml(keyVariable)}=…</code></pre>`
      : '',
    `<pre><code>${inHtml(curl)}</code></pre>`,
  ].join('\n')
}
