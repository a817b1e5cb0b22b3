// The documents that a mock serves: opened, made into engines, and swapped when their files change.

import { createRedaction, secretNamesOf, WHOLE } from '../control/redaction.js'
import { isRemote, type OpenedDocument, openDocument, type ServedDocument } from '../documents.js'
import type { ApiDocument } from '../engine/document/document.js'
import { DocumentError } from '../engine/document/document-error.js'
import { type DocumentWatch, watchDocument } from '../engine/document/watch.js'
import { lazy } from '../engine/json.js'
import { createEngine, type Engine } from '../engine.js'
import type { Learned } from '../learning/learned-file.js'
import type { Sent } from '../learning/members.js'
import { cookieNamesOf } from '../security/sessions.js'
import { createServed, itemsBelow, prefixOf, type Served } from '../served.js'
import type { OperationReading } from '../state/places/readings.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import { workListener } from './finishing.js'
import type { LateParts } from './late-parts.js'
import type { Settings } from './settings.js'
import type { Storage } from './storage.js'

export interface Documents {
  readonly served: Served
  /** The names of parameters and members whose values are secret. */
  readonly secretNames: () => ReadonlySet<string>
  /** The names of cookies that are credentials. */
  readonly cookieNames: () => readonly string[]
  /** Follows the documents. @param onChange told after a document has been swapped. */
  watch(onChange: (document: ApiDocument) => void): readonly DocumentWatch[]
}

/** Those that come over the network, by their places among the sources. */
export const openRemoteDocuments = (settings: Settings): Promise<readonly (OpenedDocument | undefined)[]> =>
  Promise.all(settings.sources.map((source) => (isRemote(source.spec) ? open(settings, source) : undefined)))

const open = ({ options, log }: Settings, source: ServedDocument): Promise<OpenedDocument> =>
  openDocument(source, options, log.warning)

/** What is told of the things of a document. */
export interface Listeners {
  readonly webhooks: Webhooks
  readonly late: LateParts
}

/**
 * @param remote documents that have been opened already, by their places among the sources.
 *
 * @throws DocumentError when a document cannot be read, or leaves something to guess where guesses are refused.
 */
export async function openDocuments(
  settings: Settings,
  storage: Storage,
  listeners: Listeners,
  remote: readonly (OpenedDocument | undefined)[],
): Promise<Documents> {
  const { options, sources, log } = settings
  const prepare = (document: ApiDocument, index: number): Engine =>
    engineOf({ document, learned: settings.learned[index] }, settings, storage, listeners)
  const opened = await Promise.all(
    sources.map(async (source, index) => remote[index] ?? (await open(settings, source))),
  )
  const [first, ...others] = opened.map(({ document }, index) => prepare(document, index))
  if (first === undefined) throw new TypeError('documents: must have at least one document')
  const served = createServed([first, ...others])
  const { engines, operations } = served
  if (options.failOnGuess === true)
    for (const { document, state } of engines()) refuseGuesses(document, state?.readings() ?? [])

  const namesOf = () => ({
    secret: lazy(() => secretNamesOf(operations())),
    cookie: lazy(() => cookieNamesOf(operations())),
  })
  let names = namesOf()
  return {
    served,
    secretNames: () => names.secret(),
    cookieNames: () => names.cookie(),
    watch: (onChange) =>
      opened.map((one, index) =>
        watchDocument(
          one,
          () => open(settings, sources[index] ?? { spec: settings.api.document }),
          (changed) => {
            served.replace(index, prepare(changed, index))
            names = namesOf()
            onChange(changed)
          },
          (reason) => log.line(`The document has changed, but the last good one stays: ${reason}`),
        ),
      ),
  }
}

function engineOf(
  { document, learned }: { readonly document: ApiDocument; readonly learned: Learned | undefined },
  { options, sources, seed, bodyLimits, log }: Settings,
  storage: Storage,
  { webhooks, late }: Listeners,
): Engine {
  const { items, database, clock } = storage
  const prefix = sources.length > 1 ? prefixOf({ document }) : ''
  const engine: Engine = createEngine(document, {
    ...{ prefix, seed, bodyLimits, onWarning: log.line },
    dynamic: options.dynamic ?? false,
    learned: learned && { from: learned, now: clock.now, hide: hidingIn(document) },
    state:
      options.stateful === false
        ? undefined
        : {
            ...{ items: itemsBelow(items, prefix), transactions: database.transactions, clock },
            ...{ seedItems: options.seedItems ?? 2, onWarning: log.line },
            onChange: webhooks.listenerOf(document, () => engine),
            onWork: workListener(prefix, storage, late),
          },
  })
  return engine
}

/** Hides the values that have not been learned, either. */
function hidingIn(document: ApiDocument) {
  const names = lazy(() => secretNamesOf(document.operations))
  const redaction = createRedaction(names, [], WHOLE)
  return (sent: Sent): Sent => redaction.body(sent) as Sent
}

const MAX_GUESSES = 5

/** @throws DocumentError that names the first operations that were read by a guess. */
function refuseGuesses({ source }: ApiDocument, readings: readonly OperationReading[]): void {
  const guessed = readings.filter(({ basis }) => basis === 'guessed')
  if (guessed.length === 0) return
  const shown = guessed.slice(0, MAX_GUESSES).map(({ method, path }) => `${method} ${path}`)
  const names = [...shown, ...(guessed.length > MAX_GUESSES ? [`${guessed.length - MAX_GUESSES} more`] : [])]
  throw new DocumentError(
    'guessed',
    `${source.name}: leaves the mock to guess what ${names.join(', ')} ${guessed.length === 1 ? 'does' : 'do'}; gosend-mock explain tells which hint settles each`,
  )
}
