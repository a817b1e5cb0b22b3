// <gosend-keys>: the list of a project's keys and its dialogs, for a page of the host's own product. Importing this defines the
// element; where there is no browser, importing it does nothing.

import { GosendKeys as built } from './gosend-keys.js'

/** A key as the events show it: everything about it but the key itself. */
export interface KeyRecord {
  readonly id: string
  readonly projectId: string
  readonly environment: string
  readonly label: string
  /** The form that is safe to show. */
  readonly hint: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly disabledAt: string | null
  readonly scopes: readonly string[]
  readonly allowedIps: readonly string[] | null
  readonly replacedBy: string | null
  readonly rotatedFrom: string | null
}

/** The detail of each event. */
export interface GosendKeysEvents {
  'gosend-keys:created': { readonly record: KeyRecord }
  /** `record` is the new key, `replaced` the id of the old one. */
  'gosend-keys:rotated': { readonly record: KeyRecord; readonly replaced: string }
  'gosend-keys:revoked': { readonly record: KeyRecord }
  /** Edited, disabled or enabled. */
  'gosend-keys:updated': { readonly record: KeyRecord }
  /** A call was refused, or not answered at all: then the status is 0. */
  'gosend-keys:error': { readonly status: number; readonly message: string }
}

/** Texts in a language that is not shipped: `LocaleBundle` of `@gosend/express-adapter`. */
export interface GosendKeysLocale {
  readonly language: string
  readonly messages: Readonly<Record<string, string>>
}

export interface GosendKeysElement extends HTMLElement {
  /** Where `managementRouter` is mounted: a path such as `/admin`, or an address of another origin that names this one. */
  management: string
  project: string
  /** `en`, `es`, `pt` or `de`. Default: the language of the page where that is one of them, else English. */
  locale: string
  /** `light`, `dark`, or `auto` for the system's. Default: the `color-scheme` of the page. */
  theme: string
  readOnly: boolean
  /** The environment variable that clients keep their key in. Default `API_KEY`. */
  variable: string
  /** A route that needs a key, for the curl beside a new one. Without it there is none. */
  endpoint: string
  bundle: GosendKeysLocale | undefined
  /**
   * Headers that the host's login needs beside cookies, such as a token against forgery. Called before each request. An admin key
   * is refused: whoever sees the page could read it.
   */
  headers: (() => HeadersInit | Promise<HeadersInit>) | undefined
  /** Reads the list anew. */
  reload(): void

  addEventListener<Name extends keyof GosendKeysEvents>(
    type: Name,
    listener: (this: GosendKeysElement, event: CustomEvent<GosendKeysEvents[Name]>) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener<Name extends keyof HTMLElementEventMap>(
    type: Name,
    listener: (this: HTMLElement, event: HTMLElementEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void
}

/** The attributes, for JSX. */
export interface GosendKeysAttributes {
  management: string
  project: string
  locale?: string | undefined
  theme?: 'light' | 'dark' | 'auto' | undefined
  readonly?: boolean | undefined
  variable?: string | undefined
  endpoint?: string | undefined
}

declare global {
  interface HTMLElementTagNameMap {
    'gosend-keys': GosendKeysElement
  }
}

export const GosendKeys = built as { new (): GosendKeysElement; prototype: GosendKeysElement }
