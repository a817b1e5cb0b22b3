// The dashboard's Express side: one page, its assets, and the headers that keep them harmless. It holds no data and
// asks nobody who they are: that is the management API's part, which the page calls.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ErrorAnswer } from '@gosend/auth-core/http'
import {
  checkOptions,
  fitting,
  flag,
  listOf,
  matching,
  type OptionTable,
  object,
  required,
  text,
} from '@gosend/options'
import { type RequestHandler, Router } from 'express'
import { sendError } from '../express-gate.js'
import type { DashboardLocale } from '../locale/dashboard/messages.js'
import { inEnglish, localeOption } from '../locale/shipped.js'
import { origin } from '../management/page-origin.js'
import { accentColour, accentStyles } from './accent.js'
import {
  type Asset,
  type Assets,
  digestOf,
  namedByContent,
  readAssets,
  sendAsset,
  sendCurrent,
} from './assets.js'

/** Pages that another package adds to the navigation. */
export interface DashboardExtension {
  /** Part of the address of its files and pages: a-z, 0-9 and dashes. */
  readonly name: string
  /**
   * A folder with an ES module `index.js` that exports `pages`, a list of `DashboardPage` (see
   * `@gosend/express-adapter/dashboard-page`), and perhaps an `index.css`. Read once, when the dashboard is created.
   */
  readonly folder: URL
}

export interface DashboardFeatures {
  /** The field for a project's webhook URL. */
  readonly webhooks?: boolean | undefined
  /** The list of projects, new ones, and a project's settings. Without it people see the first project that they may manage. */
  readonly projects?: boolean | undefined
  /** The page of usage, and the charts of a key. */
  readonly usage?: boolean | undefined
}

export interface DashboardOptions {
  /** Where `managementRouter` is mounted, as a browser sees it: a path on the same site, such as `/admin`. */
  readonly management: string
  /** What the page calls itself. Default `API keys`, in the language of the page. */
  readonly title?: string | undefined
  /** The environment variable that clients of this service keep their key in. Default `API_KEY`. */
  readonly variable?: string | undefined
  /** A route that needs a key, for the curl shown beside a new one. Default `/v1/me`. */
  readonly endpoint?: string | undefined
  /** The host's logo: a path on the same site, such as `/logo.svg`. Shown 24 pixels high beside the title. */
  readonly logo?: string | undefined
  /** The host's colour, such as `#0f766e`, for what is pressed; links and focus follow it with enough contrast. */
  readonly accent?: string | undefined
  /** Parts that can be left out. Default: all are there. */
  readonly features?: DashboardFeatures | undefined
  /**
   * The host's login, where people go who are not logged in: a path on the same site. `{here}` in it stands for where they were,
   * as in `/login?next={here}`. Default: the page asks for the admin key.
   */
  readonly login?: string | undefined
  /** Who may show the dashboard in a frame: `self`, and origins such as `https://app.example.com`. Default nobody. */
  readonly frameAncestors?: readonly string[] | undefined
  readonly extensions?: readonly DashboardExtension[] | undefined
  /**
   * The language of the page: `en`, `es`, `pt` or `de`, also with a region, such as `es-MX`, whose dates and numbers it then shows; or
   * the texts of another one, in which a text that is left out is shown in English. Default `en`.
   */
  readonly locale?: string | DashboardLocale | undefined
  /** Where it opens: `keys`, `usage`, `activity`, `settings`, or a page of an extension as `extension/page`. Default `keys`. */
  readonly home?: string | undefined
}

const OWN_SECTIONS = ['keys', 'usage', 'check', 'activity', 'settings']

/** A path on the same site: the page's policy lets it call no other. */
const path = matching(/^\.{0,2}\/(?![/\\])[\x21-\x7e]*$/, 'must be a path on the same site, such as /admin')

const extensionOptions: OptionTable<DashboardExtension> = {
  name: required(
    matching(
      new RegExp(`^(?!(?:${OWN_SECTIONS.join('|')})$)[a-z0-9-]+$`),
      `must have a-z, 0-9 and dashes only, and be none of ${OWN_SECTIONS.join(', ')}`,
    ),
  ),
  folder: required(fitting((value) => value instanceof URL, 'must be the URL of a folder')),
}

const featureOptions: OptionTable<DashboardFeatures> = { webhooks: flag, projects: flag, usage: flag }

const frameAncestors = listOf<string>(
  (value, path) => (value === 'self' ? value : origin(value, path)),
  'must be a list of origins such as https://app.example.com, or self',
)

const optionTable: OptionTable<DashboardOptions> = {
  management: required(path),
  title: text,
  variable: matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name such as ACME_KEY'),
  endpoint: text,
  logo: path,
  accent: accentColour,
  features: object(featureOptions),
  login: path,
  frameAncestors,
  extensions: listOf(object(extensionOptions)),
  locale: localeOption,
  home: text,
}

/**
 * A page where people create, rotate and revoke their keys, to be mounted under any path of its own. Who may see what
 * is up to the management API.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * app.use('/admin', managementRouter({ apiKeys, projects, authorize }))
 * app.use('/dashboard', dashboard({ management: '/admin' }))
 */
export function dashboard(given: DashboardOptions): Router {
  const options = checkOptions(optionTable, given)
  const locale = (options.locale ?? inEnglish) as DashboardLocale
  const {
    title = locale.messages.title,
    variable = 'API_KEY',
    endpoint = '/v1/me',
    extensions = [],
  } = options
  const { home = 'keys', logo = null, login = null, accent, frameAncestors: framers = [] } = options
  const features = { webhooks: true, projects: true, usage: true, ...options.features }
  const management = withoutSlash(options.management)
  if (!OWN_SECTIONS.includes(home) && !extensions.some(({ name }) => home.startsWith(`${name}/`)))
    throw new TypeError(
      `home: must be ${OWN_SECTIONS.join(', ')}, or a page of an extension such as sandbox/log`,
    )

  const own = readOwn()
  const files = new Map([...own.assets].map(([name, asset]) => [`/${name}`, asset]))
  const places = extensions.map(({ name, folder }) => {
    const assets = readAssets(fileURLToPath(folder))
    if (!assets.has('index.js')) throw new TypeError(`extensions: the folder of ${name} has no index.js`)
    const place = `extensions/${name}/${digestOf(assets)}`
    for (const [file, asset] of assets) files.set(`/${place}/${file}`, asset)
    return { name, script: `${place}/index.js`, style: assets.has('index.css') ? `${place}/index.css` : null }
  })
  const texts = textsOf(locale, files)
  const settings = {
    ...{ management, title, variable, endpoint, logo, login, home, features },
    locale: { language: locale.language, texts },
    extensions: places,
  }
  const filled: Readonly<Record<string, string>> = {
    SETTINGS: JSON.stringify(settings),
    NO_SCRIPT: locale.messages.needsScript,
  }
  let page = own.page
    .replace('lang="en"', `lang="${locale.language}"`)
    .replace(/%([A-Z_]+)%/g, (whole, name) => escapeHtml(filled[name] ?? whole))
  if (texts !== null)
    page = page.replace('</head>', `<link rel="preload" as="fetch" href="./${texts}" crossorigin /></head>`)
  if (accent !== undefined) {
    const styles = { type: 'text/css; charset=utf-8', body: Buffer.from(accentStyles(accent)) }
    const name = namedByContent('accent', styles, '.css')
    files.set(`/${name}`, styles)
    page = page.replace('</head>', `<link rel="stylesheet" href="./${name}" /></head>`)
  }

  // At last, for nothing else that looks like one of the places above may be filled in.
  page = page.replace(START_PLACE, () => own.start)

  const router = Router()
  router.use(harmless(framers, own.start), readOnly)
  const document = { type: 'text/html; charset=utf-8', body: Buffer.from(page) }
  router.get('/', (request, response) => {
    const [path = '/'] = request.originalUrl.split('?', 1)
    if (path.endsWith('/')) return sendAsset(request, response, document, 'no-store')
    // Relative, because a proxy may have taken off the front of the path.
    response.set('Cache-Control', 'no-store').redirect(`${path.slice(path.lastIndexOf('/') + 1)}/`)
  })
  router.get(`/${ELEMENT}`, (request, response) => sendCurrent(request, response, readElement()))
  router.use((request, response) => {
    const asset = files.get(request.path)
    if (asset !== undefined) (request.path === SHARED ? sendCurrent : sendAsset)(request, response, asset)
    else sendError(request, response, notFound)
  })
  return router
}

const notFound: ErrorAnswer = { status: 404, message: 'Not found' }
const notAllowed: ErrorAnswer = { status: 405, message: 'Only GET and HEAD are allowed here' }

const withoutSlash = (path: string) => (path === '/' ? path : path.replace(/\/$/, ''))

/** What extensions import has a name that stays. */
const SHARED = '/shared.js'

/** Puts the texts among the files, and gives their name. English ones are in the page's own script. */
function textsOf({ messages }: DashboardLocale, files: Map<string, Asset>): string | null {
  if (messages === inEnglish.messages) return null
  const asset = { type: 'application/json', body: Buffer.from(JSON.stringify(messages)) }
  const name = namedByContent('texts', asset, '.json')
  files.set(`/${name}`, asset)
  return name
}

/** For pages of the host that show <gosend-keys> and have no bundler. */
const ELEMENT = 'gosend-keys.js'

/** Stands in the page, for it saves people on slow networks a round trip. */
const START = 'start.js'
const START_PLACE = '/* START */'

let built: { readonly page: string; readonly start: string; readonly assets: Assets } | undefined
let element: Asset | undefined

// The same folder whether this runs from src or from dist.
function readOwn() {
  if (built !== undefined) return built
  const folder = fileURLToPath(new URL('../../dist/dashboard/app', import.meta.url))
  const assets = new Map(readAssets(folder))
  const page = readFileSync(`${folder}/index.html`, 'utf8')
  const start = assets.get(START)?.body.toString() ?? ''
  assets.delete(START)
  built = { page, start, assets }
  return built
}

// Not before somebody asks for it.
function readElement(): Asset {
  const file = fileURLToPath(new URL(`../../dist/element/${ELEMENT}`, import.meta.url))
  element ??= { type: 'text/javascript; charset=utf-8', body: readFileSync(file) }
  return element
}

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** @param script the one that stands in the page: besides it, only files of this site run. */
function harmless(framers: readonly string[], script: string): RequestHandler {
  const hash = createHash('sha256').update(script).digest('base64')
  const ancestors = framers.map((one) => (one === 'self' ? "'self'" : one)).join(' ') || "'none'"
  const headers = {
    'Content-Security-Policy': `${POLICY}; script-src 'self' 'sha256-${hash}'; frame-ancestors ${ancestors}`,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    // It knows no list of origins, and would win over one in browsers that know both.
    ...(framers.length === 0 && { 'X-Frame-Options': 'DENY' }),
  }
  return (_request, response, next) => {
    response.set(headers)
    next()
  }
}

const readOnly: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next()
  response.set('Allow', 'GET, HEAD')
  sendError(request, response, notAllowed)
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '"': '&quot;',
  '<': '&lt;',
  '>': '&gt;',
}

const escapeHtml = (text: string) => text.replace(/[&"<>]/g, (character) => escapes[character] ?? '')
