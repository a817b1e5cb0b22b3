// The typed clients: openapi-fetch with the right address, the right credential, and nowhere for the credential to leak.

import createClient, { type Client } from 'openapi-fetch'
import { checkCredential } from './credential.js'
import type { paths as GosendPaths } from './generated/gosend.js'
import type { paths as ManagementPaths } from './generated/management.js'

const SERVICE = 'https://cloud.gosendapi.com/v1'

/** Takes the place of the global `fetch`, for instance to add a deadline or a proxy. Its request carries the key. */
export type Fetch = (request: Request) => Promise<Response>

export interface GosendClientOptions {
  /** A project's key, `gsk_test_…` or `gsk_live_…`; without it, the environment variable `GOSENDAPI_KEY`. */
  readonly apiKey?: string | undefined
  /** Where the API is, version included; without it, `https://cloud.gosendapi.com/v1`. */
  readonly baseUrl?: string | URL | undefined
  readonly fetch?: Fetch | undefined
}

/** One method per HTTP method; each takes a path of `gosend.yaml` and resolves to `{ data, error, response }`. */
export type GosendClient = Client<GosendPaths>

/**
 * A client for GoSendAPI v1. Every request carries the key; none follows a redirect, which could take the key to
 * another server.
 *
 * @throws TypeError when there is no key, or when the key or the address is malformed. No message repeats the key.
 * @throws Error in a browser, where everybody could read the key.
 *
 * @example
 * const gosend = createGosendClient()
 * const { data, error } = await gosend.GET('/me')
 */
export function createGosendClient(options: GosendClientOptions = {}): GosendClient {
  refuseBrowser()
  const { apiKey = process.env.GOSENDAPI_KEY || undefined, baseUrl = SERVICE, fetch } = options
  if (apiKey === undefined) {
    throw new TypeError('apiKey: is missing; pass it, or set the environment variable GOSENDAPI_KEY')
  }
  return connect(baseUrl, { 'X-API-Key': checkCredential('apiKey', apiKey) }, fetch)
}

export interface ManagementClientOptions {
  /** What the host gave `managementRouter` as its `adminKey`. */
  readonly adminKey: string
  /** Where the management API is mounted, such as `http://127.0.0.1:4010/admin`. */
  readonly baseUrl: string | URL
  readonly fetch?: Fetch | undefined
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
export function createManagementClient(options: ManagementClientOptions): ManagementClient {
  refuseBrowser()
  const { adminKey, baseUrl, fetch } = options
  return connect(baseUrl, { 'X-Admin-Key': checkCredential('adminKey', adminKey) }, fetch)
}

function connect<Paths extends object>(
  baseUrl: string | URL,
  headers: Record<string, string>,
  fetch: Fetch | undefined,
): Client<Paths> {
  return createClient<Paths>({
    baseUrl: checkBaseUrl(baseUrl),
    headers,
    redirect: 'error',
    ...(fetch && { fetch }),
  })
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
