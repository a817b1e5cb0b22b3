// One document as what it sends: its webhooks with what each tells of, its callbacks by their operations, and how payloads
// and subscriptions of it are made and found.

import type { Operation } from '../engine/document/operation.js'
import type { OutgoingRequest } from '../engine/document/outgoing.js'
import { grouped } from '../engine/json.js'
import type { Engine } from '../engine.js'
import type { EntityChange } from '../state/entities/entity-changes.js'
import { createForms } from '../state/forms/forms.js'
import { createProjection } from '../state/forms/projection.js'
import { createSubscriptions, type Subscriptions } from './endpoints.js'
import { createEnvelopes, type Envelopes } from './envelopes.js'
import { createPayloads, type Payloads, schemaOf } from './payloads.js'
import { type Caller, isTold, nounOfType, type Signal, settled, signalsOf } from './signals.js'

/** One webhook or callback with what it tells of. */
export interface Described {
  readonly request: OutgoingRequest
  /** None for a callback. */
  readonly signals: readonly Signal[]
  readonly engine: Engine
}

export interface Reading {
  readonly described: readonly Described[]
  readonly callbacks: ReadonlyMap<Operation, readonly Described[]>
  readonly payloads: Payloads
  readonly envelopes: Envelopes
  readonly subscriptions: Subscriptions
}

const readings = new WeakMap<Engine, Reading>()

/** Read when first asked for. */
export function readingOf(engine: Engine): Reading {
  const known = readings.get(engine) ?? readingFrom(engine)
  readings.set(engine, known)
  return known
}

function readingFrom(engine: Engine): Reading {
  const { document, schemas, validation, sampler, state } = engine
  const forms = createForms(schemas, validation)
  const envelopes = createEnvelopes(forms, state?.factoryOf)
  const requests = document.outgoing?.().requests ?? []
  const signals = settled(
    requests.map((request) =>
      request.callback === undefined
        ? signalsOf(request, schemaOf(engine, request) ?? true, { envelopes, state })
        : [],
    ),
  )
  const described = requests.map((request, index) => ({ request, engine, signals: signals[index] ?? [] }))
  const callbacks = grouped(
    described.flatMap((one) => (one.request.callback ? [[one.request.callback.of, one] as const] : [])),
  )
  const names = () =>
    described.flatMap(({ request, signals: own }) => own.flatMap((signal) => namesOf(request, signal)))
  return {
    ...{ described, callbacks, envelopes },
    payloads: createPayloads({ engine, envelopes, projection: createProjection(forms, sampler, validation) }),
    subscriptions: createSubscriptions(forms, names),
  }
}

/** What an event may be called by whoever subscribes to it. */
export const namesOf = (
  { name, operation: { operationId } }: OutgoingRequest,
  signal: Signal | undefined,
): readonly string[] => [
  signal?.event?.value ?? name,
  name,
  ...(operationId === undefined ? [] : [operationId]),
]

/** What a webhook tells of a change: one for each event that its payload names. */
export function toldBy({ signals }: Described, change: EntityChange, caller: Caller): readonly Signal[] {
  const told = signals.filter((signal) => isTold(signal, change, caller))
  const byEvent = new Map(told.map((signal) => [signal.event?.value, signal]))
  return byEvent.has(undefined) ? told.slice(0, 1) : [...byEvent.values()]
}

/** Whether a callback's payload shows things of the type that has changed. */
export function shows({ request, engine }: Described, { type }: EntityChange): boolean {
  const { envelopes } = readingOf(engine)
  const schema = schemaOf(engine, request)
  if (schema === undefined) return false
  const isShown = envelopes.typesIn(schema, [type]).length > 0
  return isShown || envelopes.slotOf(schema, type, nounOfType(type)).path.length > 0
}
