// A request as people have filled it in, as the request that is sent, or as a command. Imports nothing at run time, so that the
// dashboard's pages share it.

import type { MockOverview, RequestDraft, RequestToSend } from './wire.js'

/**
 * @param values of the draft's parameters, in their order; what is empty and not required is left out.
 * @param headers lines of `name: value`.
 */
export function requestOf(
  { method, path, parameters }: RequestDraft,
  values: readonly string[],
  headers: string,
  body: string | null,
): RequestToSend {
  let target = path
  const query: string[] = []
  const fields = [...fieldsIn(headers)]
  const cookies: string[] = []
  for (const [at, { name, in: place, required }] of parameters.entries()) {
    const value = values[at] ?? ''
    if (place === 'path') target = target.replaceAll(`{${name}}`, encodeURIComponent(value))
    else if (value === '' && !required) continue
    else if (place === 'query') query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    else if (place === 'header') fields.push([name, value])
    else cookies.push(`${name}=${value}`)
  }
  if (cookies.length > 0) fields.push(['Cookie', cookies.join('; ')])
  const mark = target.includes('?') ? '&' : '?'
  return {
    method,
    path: query.length === 0 ? target : `${target}${mark}${query.join('&')}`,
    headers: fields,
    body,
  }
}

/** The fields in lines of `name: value`. */
export function fieldsIn(text: string): RequestToSend['headers'] {
  return text.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^\s*([^:]+?)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    return name === undefined ? [] : [[name, value] as const]
  })
}

/**
 * A GET as a command that works as it is pasted.
 * @param security what it asks for: only curl itself can answer the challenge of a digest.
 */
export function commandOf(
  draft: RequestDraft,
  origin: string,
  security: MockOverview['example']['security'],
): string {
  const isDigest = security?.scheme === 'digest'
  const values = draft.parameters.map(({ required, value }) => (required ? value : ''))
  const { path, headers } = requestOf(draft, values, '', null)
  const fields = [...draft.headers, ...headers]
    .filter(([name]) => !(isDigest && name === 'Authorization'))
    .map(([name, value]) => ` -H ${quoted(`${name}: ${value}`)}`)
  return `${curlTo(origin)} ${quoted(origin + path)}${fields.join('')}${isDigest ? ' --digest -u name:password' : ''}`
}

/** Over https without asking who signed the certificate, which is as a rule the mock's own. */
export const curlTo = (address: string): string => (address.startsWith('https:') ? 'curl -k' : 'curl')

/** As a POSIX shell takes it for one word. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
