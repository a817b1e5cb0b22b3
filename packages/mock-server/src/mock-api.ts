// An API that brings more than its document: what a package that mocks one API hands to createMockServer.

import type { Awaitable } from '@gosend/auth-core'
import { callback, fitting, type OptionTable, object, required, text } from '@gosend/options'
import { specOption } from './documents.js'
import { type Rules, rulesOptions } from './rules/rules.js'
import { shipped } from './shipped.js'

export interface MockApi {
  /** The OpenAPI document: a file, an `http` or `https` address, or an object. */
  readonly document: string | URL | object
  /** What the document cannot say. A function is called when the mock starts, so that it can load them then. */
  readonly rules?: Rules | (() => Awaitable<Rules>) | undefined
  /**
   * The folder, with a slash at its end, of the API's own pages in the dashboard: an `index.js` that exports `pages`, and
   * an `index.css`. Default: pages that suit any API.
   */
  readonly dashboardPages?: URL | undefined
  /** The project that a new mock has, whose keys it makes. Default: one with the title of the document. */
  readonly project?: { readonly name: string; readonly webhookUrl?: string | undefined } | undefined
  /** The environment variable that clients of the API keep their key in, for examples. Default `API_KEY`. */
  readonly keyVariable?: string | undefined
}

const rules = object(rulesOptions)

export const mockApiOptions: OptionTable<MockApi> = {
  document: required(specOption),
  rules: (value, path) =>
    typeof value === 'function' ? callback<() => Awaitable<Rules>>()(value, path) : rules(value, path),
  dashboardPages: fitting((value) => value instanceof URL, 'must be the URL of a folder'),
  project: object<NonNullable<MockApi['project']>>({ name: required(text), webhookUrl: text }),
  keyVariable: text,
}

export const defaultPages: URL = shipped('dist/dashboard/any/')
