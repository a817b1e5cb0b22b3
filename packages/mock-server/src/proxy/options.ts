// What the proxy can be told, and what is wrong with it. Apart from the proxy itself, which is loaded only to forward.

import { fitting, flag, type OptionTable, required, text, texts, wholeNumber } from '@gosend/options'

export interface ProxyOptions {
  /** Where the real API is: `http` or `https`. Paths are added to its path. */
  readonly url: string | URL
  /** Answers an error in place of a request or an answer that does not fit the document. Default false. */
  readonly errors?: boolean | undefined
  /**
   * Whether the mock answers an operation where the real API has `501` or cannot be reached. Default true. False passes on the
   * `501`, and answers `502` or `504`.
   */
  readonly fallback?: boolean | undefined
  /** Operations that the mock always answers: operationIds, or `GET /path`. */
  readonly mocked?: readonly string[] | undefined
  /** How long to wait for an answer, and between two parts of it, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** PEM of what signs the certificate of the real API, in place of the authorities that Node.js knows. */
  readonly ca?: string | undefined
}

export const proxyOptions: OptionTable<ProxyOptions> = {
  url: required(
    fitting<string | URL>(
      isUpstream,
      'must be an http or https address without a user, query or fragment, such as https://api.example.com/v1',
    ),
  ),
  errors: flag,
  fallback: flag,
  mocked: texts,
  timeoutMs: wholeNumber(1, 600_000),
  ca: text,
}

/** Whether a text is an address that requests can be forwarded to. */
export function isUpstream(value: unknown): boolean {
  if (!(typeof value === 'string' || value instanceof URL) || !URL.canParse(String(value))) return false
  const { protocol, username, password, search, hash } = new URL(value)
  return /^https?:$/.test(protocol) && username + password + search + hash === ''
}
