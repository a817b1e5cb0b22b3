// Learns from recorded traffic of an API: what `gosend-mock learn` writes.

import { readFileSync } from 'node:fs'
import { checkOptions } from '@gosend/options'
import { createClock } from './clock.js'
import { MAX_BODY_BYTES } from './composition/settings.js'
import { createRedaction, type Redaction, secretNamesOf, WHOLE } from './control/redaction.js'
import { type DocumentOptions, documentOptions, openDocument } from './documents.js'
import { createEngine, type Engine } from './engine.js'
import { type Exchange, exchangesIn } from './learning/exchanges.js'
import { type Lesson, learn } from './learning/learn.js'
import { testOf } from './replaying/tests.js'
import type { State } from './state/state.js'
import { openDatabase } from './storage/database.js'

export type { LearningReport, Lesson } from './learning/learn.js'

/**
 * Learns what answers hold, which things there are and how ids look, from HAR files, Postman collections (2.1) with saved answers, and
 * mappings of WireMock. No credential is in what it learns.
 *
 * @param files in the order in which the traffic passed.
 * @throws DocumentError when the document cannot be read, and Error when a file holds no traffic.
 */
export const learnTraffic = (
  spec: string | URL | object,
  files: readonly string[],
  options: DocumentOptions = {},
): Promise<Lesson> => withTraffic(spec, files, options, learn)

/**
 * Makes a test for Vitest of recorded traffic, as the text of a file: it sends the requests again to a mock of the document, and holds
 * their statuses and what stays the same in their answers.
 *
 * @throws DocumentError when the document cannot be read, and Error when a file holds no traffic.
 */
export const testTraffic = (
  spec: string,
  files: readonly string[],
  options: DocumentOptions = {},
): Promise<string> =>
  withTraffic(spec, files, options, (exchanges, engine, redaction) =>
    testOf(exchanges, engine, redaction, spec),
  )

type Work<Result> = (
  exchanges: readonly Exchange[],
  engine: Engine & { readonly state: State },
  redaction: Redaction,
) => Promise<Result>

const withTraffic = <Result>(
  spec: string | URL | object,
  files: readonly string[],
  options: DocumentOptions,
  work: Work<Result>,
): Promise<Result> =>
  withDocument(spec, options, (engine, redaction) => work(trafficIn(files), engine, redaction))

/** @throws Error when a file holds no traffic. */
export const trafficIn = (files: readonly string[]): readonly Exchange[] =>
  files.flatMap((file) => exchangesIn(readFileSync(file, 'utf8'), file))

/** A document that traffic is of, with a state that nobody else uses. */
export async function withDocument<Result>(
  spec: string | URL | object,
  options: DocumentOptions,
  work: (engine: Engine & { readonly state: State }, redaction: Redaction) => Promise<Result>,
): Promise<Result> {
  const { document } = await openDocument({ spec }, checkOptions(documentOptions, options), () => {})
  const database = openDatabase(':memory:', Date.now)
  const clock = createClock(database.clock)
  try {
    const { items, transactions } = database
    const engine = createEngine(document, {
      ...{ seed: 'mock', dynamic: false, onWarning: () => {} },
      bodyLimits: { files: MAX_BODY_BYTES, text: MAX_BODY_BYTES },
      state: { items, transactions, clock, seedItems: 0 },
    })
    const { state } = engine
    if (state === undefined) throw new Error('Traffic of a document cannot be read without state')
    const secretNames = secretNamesOf(document.operations)
    return await work(
      { ...engine, state },
      createRedaction(() => secretNames, [], WHOLE),
    )
  } finally {
    database.close()
  }
}
