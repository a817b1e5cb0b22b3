// Sending once: for 24 hours a repeated `Idempotency-Key` gets the first answer again.

import { fingerprintOf } from '../engine/request/idempotency.js'
import type { MockContext } from '../rules/context.js'
import type { HandlerResult } from '../rules/handlers.js'
import { isRefusal } from '../rules/rules.js'
import { refuse } from './errors.js'

const KEPT_MS = 24 * 60 * 60_000
const ANSWERS = 'idempotency-keys'

interface KeptAnswer {
  readonly fingerprint: string
  readonly expires_at: number
  readonly status: number
  readonly body: unknown
}

export interface Attempt {
  /** Undefined when the client sent none. */
  readonly key: string | undefined
  readonly body: unknown
  /** Slow preparation before the work. */
  readonly prepare: (() => Promise<unknown>) | undefined
  work(): HandlerResult
}

/**
 * Repeats the first answer to this key and body, or does the work. It keeps no refusals: a refused request has sent
 * nothing, and may succeed next time.
 */
export type Once = (context: MockContext, attempt: Attempt) => HandlerResult | Promise<HandlerResult>

export function createOnce(): Once {
  /** The fingerprints of requests in progress. */
  const running = new Map<string, string>()

  return (context, { key, body, prepare, work }) => {
    if (key === undefined)
      return prepare === undefined ? work() : prepare().then(() => context.transact(work))
    const fingerprint = fingerprintOf(body)
    const kept = keptAnswer(context, key)
    const place = `${context.project.id}/${context.environment}/${key}`
    const earlier = kept?.fingerprint ?? running.get(place)
    if (earlier !== undefined && earlier !== fingerprint)
      return refuse('IDEMPOTENCY_KEY_CONFLICT', 'This idempotency key was used with a different request')
    if (kept !== undefined)
      return { status: kept.status, headers: { 'idempotent-replayed': 'true' }, body: kept.body }
    if (earlier !== undefined)
      return refuse(
        'IDEMPOTENCY_KEY_IN_USE',
        'A request with this idempotency key is still being carried out',
        undefined,
        1,
      )

    const workAndKeep = (): HandlerResult => keepAnswer(context, key, fingerprint, work())
    if (prepare === undefined) return workAndKeep()
    running.set(place, fingerprint)
    return prepare()
      .then(() => context.transact(workAndKeep))
      .finally(() => void running.delete(place))
  }
}

function keptAnswer(context: MockContext, key: string): KeptAnswer | undefined {
  const kept = context.store.get<KeptAnswer>(ANSWERS, key)
  return kept !== undefined && kept.expires_at > context.now() ? kept : undefined
}

function keepAnswer(
  context: MockContext,
  key: string,
  fingerprint: string,
  result: HandlerResult,
): HandlerResult {
  if (isRefusal(result)) return result
  const { status = 201, body } = result
  const kept: KeptAnswer = { fingerprint, expires_at: context.now() + KEPT_MS, status, body }
  context.store.put(ANSWERS, key, kept)
  return result
}

export const isReplay = (result: HandlerResult): boolean =>
  !isRefusal(result) && result.headers?.['idempotent-replayed'] !== undefined
