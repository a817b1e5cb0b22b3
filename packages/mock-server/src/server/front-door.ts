// What is at `/`, where the document has nothing there: what is served and where to go on, for people and for programs.

import type { MockOverview } from '../control/wire.js'
import { formPage, inHtml } from '../form-page.js'
import type { HandlerAnswer } from '../rules/handlers.js'
import type { PageContext } from '../rules/rules.js'

const PLACES = [
  { name: 'dashboard', path: '/dashboard', text: 'Requests, keys and stored objects' },
  { name: 'reference', path: '/reference', text: 'Every operation, to read and to try' },
  { name: 'openapi', path: '/openapi.json', text: 'The document, for programs' },
] as const

export interface FrontDoorOptions {
  readonly overview: () => MockOverview
  /** A command with the sandbox's key in it; undefined where nothing is easy to read. */
  readonly command: (origin: string) => string | undefined
}

/** @param isLocal whether the one who asks is on this machine, who may see the sandbox's key. */
export type FrontDoor = (context: PageContext, isLocal: boolean) => HandlerAnswer

export function createFrontDoor({ overview, command }: FrontDoorOptions): FrontDoor {
  return ({ request: { headers }, origin }, isLocal) => {
    const shown = overview()
    const vary = { vary: 'Accept' }
    if (!String(headers.accept).includes('text/html'))
      return { headers: { ...vary, 'content-type': 'application/json' }, body: forPrograms(shown, origin) }
    const content = forPeople(shown, isLocal ? command(origin) : undefined)
    const page = formPage({ title: shown.title, content, footer: 'gosend-mock' })
    return { ...page, headers: { ...page.headers, ...vary } }
  }
}

/** `/openapi.json` is one document: of several, each has an address of its own. */
const placesFor = (documents: MockOverview['documents']): readonly (typeof PLACES)[number][] =>
  PLACES.filter(({ name }) => documents === undefined || name !== 'openapi')

const placesOf = (index: number) => ({
  reference: `/reference?document=${index + 1}`,
  openapi: `/reference/openapi-${index + 1}.json`,
})

function forPrograms({ title, version, operations, documents }: MockOverview, origin: string): object {
  const places = placesFor(documents).map(({ name, path }) => [name, origin + path])
  const each = documents?.map((one, index) => {
    const { reference, openapi } = placesOf(index)
    return { ...one, reference: origin + reference, openapi: origin + openapi }
  })
  return { title, version, operations, ...(each && { documents: each }), ...Object.fromEntries(places) }
}

function forPeople(overview: MockOverview, command: string | undefined): string {
  const { title, version, operations, documents } = overview
  const served = documents?.map((one, index) => {
    const { reference, openapi } = placesOf(index)
    const title = inHtml(`${one.title} ${one.version}`)
    return `<li><a href="${reference}">${title}</a>, below ${inHtml(one.path)} (<a href="${openapi}">for programs</a>)</li>`
  })
  return [
    '<p class="step">A sandbox on this machine</p>',
    `<h1>${inHtml(documents === undefined ? `${title} ${version}` : title)}</h1>`,
    `<p>${operations} operation${operations === 1 ? '' : 's'}, answered from the OpenAPI document${documents === undefined ? '' : 's'}.</p>`,
    served === undefined ? '' : `<ul>${served.join('')}</ul>`,
    ...placesFor(documents).map(({ path, text }) => `<p><a href="${path}">${path}</a><br>${text}</p>`),
    '<h2>A first request</h2>',
    command === undefined
      ? '<p>The dashboard begins with a command to paste. Its address, with the way in, is in the terminal that runs the mock.</p>'
      : `<pre><code>${inHtml(command)}</code></pre>`,
  ].join('\n')
}
