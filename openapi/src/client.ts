// The typed clients: openapi-fetch with the right address, the right credential, and nowhere for the credential to leak.

import { anything, callback, checkOptions, type OptionTable, required } from '@gosend/options'
import createClient, { type Client, type Middleware } from 'openapi-fetch'
import { checkCredential } from './credential.js'
import type { paths as ControlPaths } from './generated/control.js'
import type { paths as DocumentedPaths } from './generated/gosend.js'
import type { paths as ManagementPaths } from './generated/management.js'
import { type List, walk } from './list.js'
import { type Fetch, type RetryOptions, retryOptions, withRetries } from './retry.js'

const SERVICE = 'https://cloud.gosendapi.com/v1'

/** The paths of `gosend.yaml` that a project's key opens; those under `/admin` lie elsewhere and take another key. */
export type GosendPaths = Omit<DocumentedPaths, `/admin/${string}`>

export interface GosendClientOptions extends RetryOptions {
  /** A project's key, `gsk_test_…` or `gsk_live_…`; without it, the environment variable `GOSENDAPI_KEY`. */
  readonly apiKey?: string | undefined
  /** Where the API is, version included; without it, `https://cloud.gosendapi.com/v1`. */
  readonly baseUrl?: string | URL | undefined
  readonly fetch?: Fetch | undefined
}

const clientOptions: OptionTable<GosendClientOptions> = {
  ...retryOptions,
  // Checked when it is known whether the environment has it instead.
  apiKey: anything,
  baseUrl: anything,
  fetch: callback(),
}

/** One method per HTTP method; each takes a path of `gosend.yaml` and resolves to `{ data, error, response }`. */
export interface GosendClient extends Client<GosendPaths> {
  readonly list: List<GosendPaths>
}

/**
 * A client for GoSendAPI v1. Every request carries the key; none follows a redirect, which could take the key to
 * another server. A message is never sent twice by a retry: it has an `Idempotency-Key`, yours or a random one.
 *
 * @throws TypeError when there is no key, or when an option is malformed. No message repeats the key.
 * @throws Error in a browser, where everybody could read the key.
 *
 * @example
 * const gosend = createGosendClient()
 * const { data, error } = await gosend.GET('/me')
 */
export function createGosendClient(given: GosendClientOptions = {}): GosendClient {
  refuseBrowser()
  const options = checkOptions(clientOptions, given)
  const { apiKey = process.env.GOSENDAPI_KEY || undefined, baseUrl = SERVICE, fetch } = options
  if (apiKey === undefined) {
    throw new TypeError('apiKey: is missing; pass it, or set the environment variable GOSENDAPI_KEY')
  }
  const headers = { 'X-API-Key': checkCredential('apiKey', apiKey) }
  const client = connect<GosendPaths>(baseUrl, headers, fetch, options)
  client.use(sendOnce)
  const list: List<GosendPaths> = (path, ...[init]) => walk(client.GET as never, path, init as never) as never
  return Object.assign(client, { list })
}

/** The operations for which the contract has an `Idempotency-Key`. */
const SENT_ONCE = new Set(['POST /messages'])

const sendOnce: Middleware = {
  onRequest({ request, schemaPath }) {
    const { method, headers } = request
    if (SENT_ONCE.has(`${method} ${schemaPath}`) && !headers.has('Idempotency-Key')) {
      headers.set('Idempotency-Key', crypto.randomUUID())
    }
  },
}

export interface ManagementClientOptions extends RetryOptions {
  /** What the host gave `managementRouter` as its `adminKey`. */
  readonly adminKey: string
  /** Where the management API is mounted, such as `http://127.0.0.1:4010/admin`. */
  readonly baseUrl: string | URL
  readonly fetch?: Fetch | undefined
}

const managementOptions: OptionTable<ManagementClientOptions> = {
  ...retryOptions,
  adminKey: required(anything),
  baseUrl: required(anything),
  fetch: callback(),
}

/** Like `GosendClient`, for the paths of `management.json`. */
export type ManagementClient = Client<ManagementPaths>

/**
 * A client for the management API of `@gosend/express-adapter`, as careful with the admin key as `createGosendClient`
 * is with a project's.
 *
 * @throws TypeError when the admin key or the address is malformed. No message repeats the admin key.
 * @throws Error in a browser.
 */
export const createManagementClient = (given: ManagementClientOptions): ManagementClient =>
  adminClient<ManagementPaths>(given)

export interface ControlClientOptions extends RetryOptions {
  /** What the mock prints when it starts, and `mock.adminKey`. */
  readonly adminKey: string
  /** The control plane of a mock, such as `http://127.0.0.1:4010/_mock`. */
  readonly baseUrl: string | URL
  readonly fetch?: Fetch | undefined
}

/** Like `GosendClient`, for the paths of `control.yaml`. */
export type ControlClient = Client<ControlPaths>

/**
 * A client for the control plane of `gosend-mock`: its clock, faults, scenarios, snapshots, webhooks and journal.
 *
 * @throws TypeError when the admin key or the address is malformed. No message repeats the admin key.
 * @throws Error in a browser.
 *
 * @example
 * const control = createControlClient({ adminKey, baseUrl: 'http://127.0.0.1:4010/_mock' })
 * await control.POST('/clock', { body: { advance: '25h' } })
 */
export const createControlClient = (given: ControlClientOptions): ControlClient =>
  adminClient<ControlPaths>(given)

function adminClient<Paths extends object>(given: ManagementClientOptions): Client<Paths> {
  refuseBrowser()
  const options = checkOptions(managementOptions, given)
  const { adminKey, baseUrl, fetch } = options
  return connect<Paths>(baseUrl, { 'X-Admin-Key': checkCredential('adminKey', adminKey) }, fetch, options)
}

function connect<Paths extends object>(
  baseUrl: string | URL,
  headers: Record<string, string>,
  fetch: Fetch = (request) => globalThis.fetch(request),
  options: RetryOptions,
): Client<Paths> {
  return createClient<Paths>({
    baseUrl: checkBaseUrl(baseUrl),
    headers,
    redirect: 'error',
    fetch: withRetries(fetch, options),
    bodySerializer: (body) => (holdsFile(body) ? asForm(body) : JSON.stringify(body)),
  })
}

function holdsFile(body: unknown): body is Record<string, string | Blob> {
  return Object.values(Object(body)).some((value) => value instanceof Blob)
}

function asForm(body: Record<string, string | Blob>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) form.append(name, value)
  return form
}

function checkBaseUrl(value: string | URL): string {
  const url = URL.canParse(String(value)) ? new URL(value) : undefined
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol)
  if (!isAddress || url.username + url.password + url.search + url.hash !== '') {
    throw new TypeError('baseUrl: must be an http or https address without user, query or fragment')
  }
  return url.href
}

function refuseBrowser(): void {
  if ('window' in globalThis && 'document' in globalThis) {
    throw new Error(
      'A browser shows its keys to everybody: call the API from your server, and your server from here',
    )
  }
}
