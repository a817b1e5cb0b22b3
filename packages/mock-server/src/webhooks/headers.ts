// The header and query parameters that a webhook's description asks for, beside those that prove who sends it.

import type { Operation, Parameter } from '../engine/document/operation.js'
import { normalizeName } from '../engine/json.js'
import type { Engine } from '../engine.js'
import { isSameEvent } from './event-names.js'

export interface ParameterFacts {
  readonly event: string
  readonly uuid: string
  readonly now: number
}

/** What no parameter can set (OpenAPI 3.2, section 4.12.1), and what the sender sees to. */
const OWN = new Set([
  'accept',
  'content-type',
  'content-length',
  'authorization',
  'host',
  'user-agent',
  'connection',
  'transfer-encoding',
])

type Parts = Pick<Engine, 'schemas' | 'validation' | 'sampler'>

export interface DescribedParameters {
  readonly headers: Readonly<Record<string, string>>
  readonly query: readonly (readonly [name: string, value: string])[]
}

/** @param isTaken whether a header is filled in by other means. */
export function describedParameters(
  parts: Parts,
  operation: Operation,
  facts: ParameterFacts,
  isTaken: (name: string) => boolean,
): DescribedParameters {
  const headers: Record<string, string> = {}
  const query: [string, string][] = []
  for (const parameter of operation.parameters()) {
    const { name, in: place, required } = parameter
    const isHeader = place === 'header' && !OWN.has(name.toLowerCase()) && !isTaken(name)
    if (isHeader) headers[name.toLowerCase()] = headerText(fillingOf(parts, parameter, facts))
    else if (place === 'query' && required) query.push([name, headerText(fillingOf(parts, parameter, facts))])
  }
  return { headers, query }
}

const headerText = (value: unknown): string => {
  const text = Array.isArray(value)
    ? value.join(',')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')
}

function fillingOf(
  { schemas, validation, sampler }: Parts,
  parameter: Parameter,
  facts: ParameterFacts,
): unknown {
  const schema = schemas.convert(parameter.schema ?? true, 'response')
  const fits = (value: unknown): boolean => validation.ofSchema(schema)(value).length === 0
  const own = known(parameter, facts).find((value) => value !== undefined && fits(value))
  return own ?? sampler.sample(schema, { seed: parameter.name, base: parameter.raw.example }).value
}

function known({ name, raw, schema }: Parameter, { event, uuid, now }: ParameterFacts): readonly unknown[] {
  const plain = normalizeName(name)
  const values = (schema as { readonly enum?: unknown } | undefined)?.enum
  if (/(event|topic|eventtype|eventname|action)$/.test(plain)) {
    const listed = Array.isArray(values)
      ? values.find((value) => isSameEvent(String(value), event))
      : undefined
    return [listed, event]
  }
  if (
    /(delivery|request|event|webhook|message|idempotency|correlation|trace|unique)?(id|key|guid|uuid)$/.test(
      plain,
    ) &&
    raw.example === undefined
  )
    return [uuid]
  if (/timestamp$|(^|x|sent)(time|date)$/.test(plain))
    return [Math.floor(now / 1000), String(Math.floor(now / 1000)), new Date(now).toISOString()]
  return []
}
