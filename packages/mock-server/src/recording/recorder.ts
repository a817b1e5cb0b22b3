// Writes what passes into a HAR, by the journal's rules about credentials, and without its limits on how much people read.

import { fitting, type OptionTable, required, wholeNumber } from '@gosend/options'
import { createExchangeViews } from '../control/exchange-views.js'
import { harEntryOf } from '../control/har.js'
import { MAX_BODY_BYTES, type NotedExchange } from '../control/noted-exchanges.js'
import type { Redaction } from '../control/redaction.js'
import { openHarFile } from './har-file.js'

export interface RecordOptions {
  /** The HAR that is written; what it has already stays. */
  readonly file: string
  /** How many bytes of a body are kept, 64 KiB or more. Default 64 KiB, as in the journal. */
  readonly maxBodyBytes?: number | undefined
}

const MAX_RECORDED_BYTES = 64 * 1024 * 1024

export const recordOptions: OptionTable<RecordOptions> = {
  file: required(
    fitting<string>((value) => typeof value === 'string' && value !== '', 'must be the name of a file'),
  ),
  maxBodyBytes: wholeNumber(MAX_BODY_BYTES, MAX_RECORDED_BYTES),
}

export interface Recorder {
  /** How many bytes of a body it wants. */
  readonly maxBodyBytes: number
  record(exchange: NotedExchange): void
  close(): void
}

export interface RecorderParts {
  readonly redaction: Redaction
  /** Where clients reach the API. */
  readonly origin: () => string
  /** Told when the file cannot be written. */
  readonly onError: (error: unknown) => void
}

/** @throws TypeError when the file is no HAR, or cannot be written. */
export function createRecorder(
  { file, maxBodyBytes = MAX_BODY_BYTES }: RecordOptions,
  { redaction, origin, onError }: RecorderParts,
): Recorder {
  const har = opened(file)
  const { entryOf } = createExchangeViews(redaction)
  let number = 0
  let waiting: NotedExchange[] = []
  const write = (): void => {
    const exchanges = waiting
    waiting = []
    try {
      if (exchanges.length > 0)
        har.add(exchanges.map((exchange) => harEntryOf(entryOf({ number: ++number, exchange }), origin())))
    } catch (error) {
      // The API goes on without a part of its recording.
      onError(error)
    }
  }
  return {
    maxBodyBytes,
    record(exchange) {
      if (waiting.length === 0) setImmediate(write)
      waiting.push(exchange)
    },
    close() {
      write()
      har.close()
    },
  }
}

function opened(file: string) {
  try {
    return openHarFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TypeError(`record.file: ${reason}`, { cause: error })
  }
}
