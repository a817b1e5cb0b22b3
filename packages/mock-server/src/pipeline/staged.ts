// Answers that somebody asked for beforehand: faults and the steps of scenarios.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Faults, Trouble } from '../control/faults.js'
import type { JournalNote } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import type { MaybeLater } from '../engine/later.js'
import type { Answer } from '../engine/response/answers.js'
import type { Engine } from '../engine.js'
import type { Scenarios } from '../scenarios/scenarios.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import type { Webhooks } from '../webhooks/webhooks.js'
import { type RequestState, refuse } from './request-state.js'

/** Ends the connection without an answer. */
export const DROP = Symbol('drop')

/** Undefined where the mock answers as ever. */
export type Staged = Answer | typeof DROP | undefined

interface StageParts {
  readonly faults: Faults
  readonly scenarios: Pick<Scenarios, 'next'>
  readonly webhooks: Pick<Webhooks, 'send'>
}

/** What a fault has for a request; undefined where none is meant for it. */
export function faulted(
  { faults }: StageParts,
  engine: Engine,
  state: RequestState,
  operation: Operation,
): MaybeLater<Staged> {
  // The real API may have been asked before the mock is: one request meets one fault.
  const trouble = state.note.reason === 'fault' ? undefined : faults.strike(operation)
  return trouble && troubled(trouble, engine, state, operation)
}

async function troubled(
  trouble: Trouble,
  engine: Engine,
  state: RequestState,
  operation: Operation,
): Promise<Staged> {
  state.note.reason = 'fault'
  if (trouble.latencyMs > 0) await sleep(trouble.latencyMs)
  if (trouble.drop) return DROP
  const { status, retryAfterSeconds } = trouble
  const message = 'A fault was asked for'
  return status === undefined
    ? undefined
    : refuse(engine, state, { status, message, retryAfterSeconds }, operation)
}

/** What a scenario has for a request; undefined where the mock answers as ever. */
export function scriptedAnswer(
  parts: StageParts,
  engine: Engine,
  state: RequestState,
  operation: Operation,
  body: unknown,
): MaybeLater<Staged> {
  // The mock may answer in place of the real API: one request takes one step.
  if (state.isScripted) return undefined
  state.isScripted = true
  const scripted = parts.scenarios.next(engine, operation, body)
  return scripted && playedBy(parts, state, scripted)
}

async function playedBy(
  { webhooks }: StageParts,
  state: RequestState,
  { scenario, latencyMs, drop, answer, webhook }: NonNullable<ReturnType<Scenarios['next']>>,
): Promise<Staged> {
  const { note } = state
  if (webhook !== undefined)
    state.afterwards = () => webhooks.send(webhook, { scenario, identity: identityIn(note) })
  if (answer !== undefined || drop) note.reason ??= `scenario: ${scenario}`
  if (latencyMs > 0) await sleep(latencyMs)
  return drop ? DROP : answer
}

/** Whose things a request is about: those of the sandbox, where it has not been let in by the mock. */
const identityIn = ({
  projectId = DEFAULT_PROJECT.id,
  environment = SANDBOX_ENVIRONMENTS.test,
}: JournalNote) => ({ projectId, environment })
