// What a client wants of one answer: the `Prefer` header (RFC 7240) and the query parameters that Prism reads.

export interface Preferences {
  readonly code: number | undefined
  /** The name of an example. */
  readonly example: string | undefined
  /** True for values made anew instead of examples. */
  readonly dynamic: boolean | undefined
  readonly delayMs: number
}

export const noPreferences: Preferences = {
  code: undefined,
  example: undefined,
  dynamic: undefined,
  delayMs: 0,
}
const MAX_DELAY_MS = 60_000

export function readPreferences(header: string | readonly string[] | undefined, query: string): Preferences {
  if (header === undefined && !query.includes('__')) return noPreferences
  const wishes = new Map<string, string>()
  for (const [, name = '', quoted, plain] of [header ?? '']
    .flat()
    .join(',')
    .matchAll(/(?<![\w-])([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,;]*))/g)) {
    wishes.set(name.toLowerCase(), quoted ?? plain ?? '')
  }
  const parameters = query.includes('__') ? new URLSearchParams(query) : undefined
  const wish = (name: string): string | undefined => parameters?.get(`__${name}`) ?? wishes.get(name)
  const code = Number(wish('code') ?? wish('status'))
  const delay = Number(wish('delay') ?? 0)
  const dynamic = wish('dynamic')
  return {
    code: Number.isInteger(code) && code >= 200 && code <= 599 ? code : undefined,
    example: wish('example'),
    dynamic: dynamic === undefined ? undefined : dynamic === 'true',
    delayMs: Number.isFinite(delay) ? Math.min(Math.max(delay, 0), MAX_DELAY_MS) : 0,
  }
}
