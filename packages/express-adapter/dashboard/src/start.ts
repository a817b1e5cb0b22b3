// Stands in the page itself and runs before anything is drawn: chooses light or dark, and asks for what the first view shows, so that
// the answers come together with the page's scripts, and not one after the other behind them.

import { readersOwn } from '@gosend/dashboard-ui'
import { parseRoute, takeKeyFromAddress } from './address.js'
import { type Answer, createApi, fetchAnswer } from './client.js'
import { firstPage, getKeys, getProjects, getSession, postSession } from './first-calls.js'
import { filterIn } from './keys/filter.js'
import { settings } from './settings.js'
import { showChosenTheme } from './ui/chosen-theme.js'

const started = new Map<string, Promise<Answer | undefined>>()
window.gosendStarted = started

const api = createApi({
  baseUrl: settings.management,
  send(request) {
    const answer = fetchAnswer(request)
    // By its address alone, so that who asks who they are takes the answer to a new session.
    started.set(
      request.url,
      answer.catch(() => undefined),
    )
    return answer
  },
})

startFirstView().catch(() => {
  // The page asks again, and says what is wrong.
})
// While the answers are on their way, for the browser takes a while to find what it keeps for this site, and to make a first format,
// which the rest of the page does not wait for.
showChosenTheme()
setTimeout(() => new Intl.NumberFormat(readersOwn(settings.locale.language)).format(0))

async function startFirstView(): Promise<void> {
  // Before anything else happens, for the key must not stay in the address.
  const adminKey = takeKeyFromAddress()
  const { projectId, section, query } = parseRoute(location.hash)
  const [homeSection = ''] = settings.home.split('/')
  const extension = settings.extensions.find(
    ({ name }) => name === (projectId === undefined ? homeSection : section),
  )
  if (extension !== undefined) {
    preload('modulepreload', extension.script)
    if (extension.style !== null) preload('preload', extension.style, 'style')
  }
  if (adminKey === undefined) void getSession(api)
  else await postSession(api, adminKey)
  const projects = getProjects(api)
  const id = projectId ?? (await projects).data?.[0]?.id
  const filter = filterIn(query)
  if (id !== undefined && extension === undefined) await getKeys(api, id, filter, firstPage(filter))
}

function preload(rel: string, href: string, as = ''): void {
  document.head.append(Object.assign(document.createElement('link'), { rel, href, as }))
}
