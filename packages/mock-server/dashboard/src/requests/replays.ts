// A recorded request as a command or a program that sends it again: the same method, address, header fields and body.

import { curlTo, quoted } from '../../../src/control/drafted-request.js'
import type { JournalEntry, SandboxKeysView } from '../../../src/control/wire.js'

export interface Replay {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
}

/** Fields about one connection, about the body as it travelled, or about the program that sent them. */
const OWN =
  /^(host|connection|content-length|content-encoding|transfer-encoding|expect|keep-alive|te|upgrade|user-agent|accept-encoding|sec-.*|x-admin-key)$/
const REDACTED = '[redacted]'

type Sent = Pick<JournalEntry, 'method' | 'path' | 'headers' | 'bodyText' | 'environment'>

/** @param keys stand where the journal hides a credential. */
export function replayOf(
  { method, path, headers, bodyText, environment }: Sent,
  origin: string,
  keys: SandboxKeysView,
): Replay {
  const key = environment === 'production' ? keys.production : keys.sandbox
  const shown = Object.entries(headers).filter(([name]) => !OWN.test(name))
  return {
    method,
    url: origin + path.replaceAll(REDACTED, key),
    headers: shown.map(([name, value]) => {
      const credential = /^basic /i.test(value) ? btoa(`${key}:`) : key
      return [name, value.replaceAll(REDACTED, credential)] as const
    }),
    body: bodyText ?? undefined,
  }
}

/** Whether what is sent again is all that was sent. */
export function isWhole({ bodyText, bodyBytes }: Pick<JournalEntry, 'bodyText' | 'bodyBytes'>): boolean {
  return bodyBytes === null || bodyBytes === new TextEncoder().encode(bodyText ?? '').length
}

/** The languages that a request can be copied in, by the word on the button. */
export const LANGUAGES: Readonly<Record<string, (replay: Replay) => string>> = {
  curl({ method, url, headers, body }) {
    const isTyped = headers.some(([name]) => name === 'content-type')
    const parts = [
      // Brackets in an address are no patterns here, and dots lead nowhere.
      `${curlTo(url)} --globoff --path-as-is ${method === 'HEAD' ? '--head' : `-X ${method}`} ${quoted(url)}`,
      ...headers.map(([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
      ...(body === undefined
        ? []
        : [...(isTyped ? [] : ["-H 'content-type:'"]), `--data-raw ${quoted(body)}`]),
    ]
    return parts.join(' \\\n  ')
  },
  fetch({ method, url, headers, body }) {
    // As bytes it gets no content type but its own.
    const sent = body === undefined ? '' : `  body: new TextEncoder().encode(${JSON.stringify(body)}),\n`
    const fields = `  headers: ${JSON.stringify(Object.fromEntries(headers), null, 2).replaceAll('\n', '\n  ')},\n`
    return `const response = await fetch(${JSON.stringify(url)}, {\n  method: ${JSON.stringify(method)},\n${fields}${sent}})\nconsole.log(response.status, await response.text())`
  },
  Python({ method, url, headers, body }) {
    const fields = JSON.stringify(Object.fromEntries(headers), null, 4).replaceAll('\n', '\n    ')
    const sent = body === undefined ? '' : `    data=${JSON.stringify(body)}.encode(),\n`
    // As curl, which is told not to ask who signed the mock's certificate.
    const unverified = url.startsWith('https:') ? '    verify=False,\n' : ''
    return `import requests\n\nresponse = requests.request(\n    ${JSON.stringify(method)},\n    ${JSON.stringify(url)},\n    headers=${fields},\n${sent}${unverified})\nprint(response.status_code, response.text)`
  },
}
