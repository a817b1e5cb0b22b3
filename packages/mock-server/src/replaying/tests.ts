// Makes a test of recorded requests: from the journal, or from a file of traffic.

import type { Redaction } from '../control/redaction.js'
import type { JournalEntry } from '../control/wire.js'
import type { Engine } from '../engine.js'
import type { Exchange } from '../learning/exchanges.js'
import { lessonsFrom, listen } from '../learning/learn.js'
import type { State } from '../state/state.js'
import { testTextOf } from './test-text.js'

/** @param spec the file or address of the document, as the test is to name it. */
export async function testOf(
  exchanges: readonly Exchange[],
  engine: Engine & { readonly state: State },
  redaction: Redaction,
  spec: string | undefined,
): Promise<string> {
  const { heard, unknown } = await listen(exchanges, engine, redaction)
  // A credential that was refused is hidden: any other would be taken.
  const isReplayable = ({ status, exchange }: (typeof heard)[number]) =>
    !(status === 401 || status === 403) || !JSON.stringify(exchange.headers).includes('[redacted]')
  const replayed = heard.filter(isReplayable)
  const { learned } = lessonsFrom(replayed, engine.state, redaction, { things: 'first' })
  const leftOut = [
    ...unknown.map((line) => `${printable(line)}, which is no operation of the document`),
    ...heard
      .filter((one) => !isReplayable(one))
      .map(
        ({ exchange: { method, path } }) =>
          `${printable(`${method} ${path}`)}, whose credential is not recorded`,
      ),
  ]
  return testTextOf(replayed, { spec, snapshot: learned, leftOut })
}

/** What the journal leaves out of an answer. */
const CUT = /"\[\d+ (?:more|characters|bytes)\]"|"\{…\}"|"\[…\]"/

/** Undefined where the journal has not all of it. */
function answerOf(body: unknown): string | undefined {
  const text = body === null ? '' : JSON.stringify(body)
  return CUT.test(text) ? undefined : text
}

const printable = (line: string): string => line.replace(/[\p{Cc}\u2028\u2029]/gu, '?')

/** What the journal keeps of a request, as traffic. */
export function exchangeOf(entry: JournalEntry): Exchange {
  const { method, path: target, headers, bodyText, status, responseHeaders, responseBody } = entry
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2)
  return {
    ...{ method, origin: '', path, query, headers, status, answerHeaders: responseHeaders },
    body: bodyText ?? '',
    answer: answerOf(responseBody),
  }
}
