// Payloads: a stored thing in the form that a webhook's schema asks for, in its envelope, and always valid.

import type { MediaType } from '../engine/document/operation.js'
import type { OutgoingRequest } from '../engine/document/outgoing.js'
import { isObject, setMember } from '../engine/json.js'
import { bareType, isStructuredType, isXmlType } from '../engine/request/media-types.js'
import { describe } from '../engine/request/violations.js'
import { serialize } from '../engine/response/answers.js'
import { nearest } from '../engine/schema/alternatives.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Engine } from '../engine.js'
import type { Entity, EntityFactory } from '../state/entities/entity.js'
import type { EntityChange } from '../state/entities/entity-changes.js'
import type { Projection } from '../state/forms/projection.js'
import { withValueAt } from '../state/forms/slots.js'
import type { ResourceType } from '../state/places/types.js'
import type { EnvelopeFacts, Envelopes } from './envelopes.js'
import { PAST } from './event-names.js'
import { nounOfType, type Signal } from './signals.js'

/** A payload that is ready to be sent. */
export type Payload =
  | {
      readonly ok: true
      readonly value: unknown
      readonly event: string
      readonly type: string | undefined
      readonly body: string
    }
  | { readonly ok: false; readonly message: string }

/** What a payload is to show. */
export interface Subject {
  readonly type: ResourceType
  readonly factory: EntityFactory
  readonly entity: Entity
  readonly kind: EntityChange['kind'] | undefined
}

export interface PayloadRequest {
  readonly request: OutgoingRequest
  readonly signal: Signal | undefined
  readonly subject: Subject | undefined
  /** Laid over what is made. */
  readonly overrides?: unknown
  /** Whether it is made although it does not fit the document. */
  readonly undocumented?: boolean | undefined
  readonly uuid: string
  readonly now: number
}

export interface Payloads {
  make(wanted: PayloadRequest): Payload
  /** What is wrong with a payload, in words; undefined when nothing is. */
  fault(request: OutgoingRequest, value: unknown): string | undefined
  encode(request: OutgoingRequest, value: unknown): Pick<Payload & { ok: true }, 'type' | 'body'>
}

export interface PayloadsParts {
  readonly engine: Pick<Engine, 'schemas' | 'validation' | 'sampler' | 'xml'>
  readonly envelopes: Envelopes
  readonly projection: Projection
}

/** JSON before XML and forms before what else there may be. */
export function mediaOf({ operation }: OutgoingRequest): MediaType | undefined {
  const content = operation.body()?.content ?? []
  const rank = ({ type }: MediaType): number => {
    if (isXmlType(type)) return 1
    if (isStructuredType(type)) return 0
    return /x-www-form-urlencoded/i.test(type) ? 2 : type.includes('*') ? 3 : 4
  }
  return [...content].sort((a, b) => rank(a) - rank(b))[0]
}

/** What the API sends shows what is `readOnly` and hides what is `writeOnly`, as its answers do. */
export const schemaOf = (
  { schemas }: Pick<Engine, 'schemas'>,
  request: OutgoingRequest,
): Schema | undefined => {
  const media = mediaOf(request)
  return media && schemas.convert(media.schema ?? true, 'response')
}

export function createPayloads({ engine, envelopes, projection }: PayloadsParts): Payloads {
  const { validation, sampler } = engine

  const valueFor = (schema: Schema, wanted: PayloadRequest): unknown => {
    const { request, signal, subject, uuid } = wanted
    const example = mediaOf(request)?.examples[0]?.value
    const own = signal?.schema ?? schema
    const event = signal?.event
    const named = (value: unknown): unknown =>
      event === undefined ? value : withValueAt(value, event.path, event.value)
    if (subject === undefined)
      return named(sampler.sample(own, { seed: request.name, base: example, isSuccess: true }).value)
    const noun = nounOfType(subject.type)
    const slot = envelopes.slotOf(own, subject.type, noun)
    const facts: EnvelopeFacts = {
      event: event?.value ?? request.name,
      action: subject.kind && PAST[subject.kind],
      noun,
      id: subject.entity.id,
      uuid,
      now: wanted.now,
    }
    const { factory, entity } = subject
    let value: unknown = withValueAt({}, slot.path, factory.full(entity))
    for (const [path, field] of envelopes.fieldsOf(own, slot, facts)) value = withValueAt(value, path, field)
    value = named(value)
    const isOne = envelopes.alternatives(schema).length === 1
    const base =
      isOne && slot.path.length > 0 && isObject(example)
        ? withValueAt(example, slot.path, undefined)
        : undefined
    return projection.of(own, value, {
      seed: `${request.name} ${entity.id}`,
      base,
      hidden: factory.hidden,
      ...(slot.path.length === 0 ? { undescribed: factory.undescribed(entity) } : {}),
    })
  }

  const faultOf = (schema: Schema, value: unknown): string | undefined => {
    const [error] = nearest(validation.ofSchema(schema)(value))
    return error && `${error.instancePath === '' ? 'the payload' : error.instancePath} ${describe(error)}`
  }

  const encode: Payloads['encode'] = (request, value) => {
    const media = mediaOf(request)
    if (media === undefined) return { type: undefined, body: '' }
    const type = media.type.includes('*') ? 'application/json' : media.type
    const schema = schemaOf(engine, request)
    if (isXmlType(type) && schema !== undefined) return { type, body: engine.xml.write(value, schema) }
    const isForm = bareType(type) === 'application/x-www-form-urlencoded'
    return { type, body: isForm ? formOf(value) : String(serialize(value, type)) }
  }

  return {
    encode,
    fault(request, value) {
      const schema = schemaOf(engine, request)
      return schema === undefined ? undefined : faultOf(schema, value)
    },
    make(wanted) {
      const { request, signal, overrides, undocumented = false } = wanted
      const event = signal?.event?.value ?? request.name
      const schema = schemaOf(engine, request)
      if (schema === undefined) return { ok: true, value: undefined, event, type: undefined, body: '' }
      let value = valueFor(schema, wanted)
      if (validation.ofSchema(schema)(value).length > 0)
        value = sampler.sample(schema, { seed: request.name, base: value, requiredOnly: true }).value
      value = merged(value, overrides)
      const fault = undocumented ? undefined : faultOf(schema, value)
      if (fault !== undefined) return { ok: false, message: fault }
      return { ok: true, value, event, ...encode(request, value) }
    },
  }
}

/** An object over another one, member by member; anything else takes the place of what was there. */
function merged(value: unknown, over: unknown): unknown {
  if (over === undefined) return value
  if (!isObject(value) || !isObject(over)) return over
  const result = { ...value }
  for (const [name, own] of Object.entries(over)) setMember(result, name, merged(value[name], own))
  return result
}

/** A list is sent as the same name several times, and an object as JSON (OpenAPI 3.2, section 4.15.1). */
function formOf(value: unknown): string {
  const form = new URLSearchParams()
  for (const [name, own] of Object.entries(isObject(value) ? value : {}))
    for (const one of Array.isArray(own) ? own : [own])
      form.append(name, one !== null && typeof one === 'object' ? JSON.stringify(one) : String(one ?? ''))
  return form.toString()
}
