// Repeated requests: one with the idempotency key of an earlier one gets the earlier answer, and does nothing again.

import type { Clock } from '../clock.js'
import type { Answer } from '../engine/response/answers.js'
import type { FirstAnswers, KeyedRequest } from '../storage/first-answers.js'

/** `ok` is false when the key came with a different request before. */
export type ReplayResult = { readonly ok: true; readonly answer: Answer } | { readonly ok: false }

export interface Replays {
  /** @param fingerprint of all that must be the same when the request is repeated. */
  through(request: KeyedRequest, fingerprint: string, answer: () => Promise<Answer>): Promise<ReplayResult>
}

/** How long an answer is given again. */
const KEPT_MS = 24 * 60 * 60_000

export function createReplays(firstAnswers: FirstAnswers, clock: Clock): Replays {
  /** Requests that are being answered. */
  const pending = new Map<string, Promise<void>>()

  return {
    async through(request, fingerprint, answer) {
      const place = JSON.stringify(request)
      // Of two that come at the same time, the second waits for what the first gets.
      for (let before = pending.get(place); before !== undefined; before = pending.get(place)) await before
      const first = firstAnswers.find(request, clock.now() - KEPT_MS)
      if (first !== undefined) {
        const isSame = first.fingerprint === fingerprint
        return isSame ? { ok: true, answer: repeated(first.answer) } : { ok: false }
      }
      const answering = answer()
      const ended = () => {}
      pending.set(place, answering.then(ended, ended))
      try {
        const given = await answering
        // A refused request has done nothing, and may do better next time.
        if (given.source !== 'error')
          firstAnswers.keep(request, { fingerprint, answer: serialized(given) }, clock.now())
        return { ok: true, answer: given }
      } finally {
        pending.delete(place)
      }
    },
  }
}

const serialized = ({ body, ...answer }: Answer): string =>
  JSON.stringify(Buffer.isBuffer(body) ? { ...answer, bytes: body.toString('base64') } : { ...answer, body })

function repeated(text: string): Answer {
  const { bytes, ...answer } = JSON.parse(text) as Answer & { readonly bytes?: string }
  const headers = { ...answer.headers, 'idempotent-replayed': 'true' }
  return { ...answer, headers, body: bytes === undefined ? answer.body : Buffer.from(bytes, 'base64') }
}
