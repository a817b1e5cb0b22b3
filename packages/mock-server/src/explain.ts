// How the mock reads a document: what `gosend-mock explain` prints.

import { checkOptions } from '@gosend/options'
import { MAX_BODY_BYTES } from './composition/settings.js'
import { type DocumentOptions, documentOptions, openDocument } from './documents.js'
import { createEngine } from './engine.js'
import { type OperationReading, readDocument } from './state/places/readings.js'

/**
 * Tells how the mock reads each operation of a document: what it does, with what, and which parts of that are guesses.
 *
 * @throws DocumentError when the document cannot be read.
 */
export async function explainDocument(
  spec: string | URL | object,
  options: DocumentOptions = {},
): Promise<readonly OperationReading[]> {
  const { document } = await openDocument({ spec }, checkOptions(documentOptions, options), () => {})
  const bodyLimits = { files: MAX_BODY_BYTES, text: MAX_BODY_BYTES }
  const engine = createEngine(document, {
    ...{ seed: 'mock', dynamic: false, bodyLimits, state: undefined },
    onWarning: () => {},
  })
  return engine.budget.lift(() => readDocument({ ...engine, operations: document.operations }))
}
