// Schemas that others extend by `allOf` and tell apart by a discriminator: where a document refers to such a schema, it
// means any of those that extend it (OpenAPI 3.0.4, "Models with Polymorphism Support"; Swagger 2.0 knows no other form).

import {
  arrayMember,
  entriesOf,
  escapeSegment,
  isObject,
  type JsonObject,
  member,
  stringMember,
} from '../json.js'

const ROOTS = ['/components/schemas', '/definitions'] as const

/** The alternatives behind a reference to a schema that others extend. */
export interface Heirs {
  /** The discriminator decides which of them a request must fit. */
  readonly request: JsonObject
  /** Those that differ in the discriminator's value alone all describe the same answer. */
  readonly response: JsonObject
}

/** The alternatives behind references to schemas that others extend, by reference. */
export function findHeirs(resolvePointer: (pointer: string) => unknown): ReadonlyMap<string, Heirs> {
  const extending = new Map<string, string[]>()
  const bases: (readonly [reference: string, schema: JsonObject])[] = []
  for (const place of ROOTS) {
    for (const [name, schema] of namedIn(resolvePointer(place))) {
      const reference = `#${place}/${escapeSegment(name)}`
      if (isObject(schema.discriminator) || typeof schema.discriminator === 'string')
        bases.push([reference, schema])
      for (const part of arrayMember(schema, 'allOf')) {
        const extended = stringMember(part, '$ref')
        if (extended !== undefined) extending.set(extended, [...(extending.get(extended) ?? []), reference])
      }
    }
  }
  const heirs = new Map<string, Heirs>()
  for (const [reference, schema] of bases) {
    if (schema.oneOf !== undefined || schema.anyOf !== undefined) continue
    const all = descendants(extending, reference)
    const mapped = entriesOf(schema.discriminator, 'mapping').map(([, target]) => target)
    // A schema that its own discriminator names may stand for itself.
    const isItself =
      mapped.some((target) => target === reference || reference.endsWith(`/${String(target)}`)) ||
      namesNobody(schema, all, resolvePointer)
    if (all.length === 0 || isItself) continue
    const options = all.map(($ref) => ({ $ref }))
    const { discriminator } = schema
    heirs.set(reference, {
      request: { oneOf: options, discriminator },
      // It is still known by the name that the document refers to.
      response: { allOf: [{ $ref: reference }], anyOf: options, discriminator },
    })
  }
  return heirs
}

/** Whether the discriminator lists a value that names none of the schemas that extend this one: it stands for itself then. */
function namesNobody(
  schema: JsonObject,
  all: readonly string[],
  resolvePointer: (pointer: string) => unknown,
): boolean {
  const { discriminator, properties } = schema
  const property = stringMember(discriminator, 'propertyName') ?? discriminator
  const given = typeof property === 'string' ? member(properties, property) : undefined
  const reference = stringMember(given, '$ref')
  const described = reference?.startsWith('#') ? resolvePointer(reference.slice(1)) : given
  const names = new Set([
    ...entriesOf(discriminator, 'mapping').map(([value]) => value),
    ...all.map((heir) => heir.slice(heir.lastIndexOf('/') + 1)),
  ])
  return arrayMember(described, 'enum').some((value) => typeof value === 'string' && !names.has(value))
}

const namedIn = (schemas: unknown): readonly (readonly [string, JsonObject])[] =>
  Object.entries(isObject(schemas) ? schemas : {}).flatMap(([name, schema]) =>
    isObject(schema) ? [[name, schema] as const] : [],
  )

function descendants(
  extending: ReadonlyMap<string, readonly string[]>,
  reference: string,
): readonly string[] {
  const found = new Set<string>()
  const open = [reference]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const heir of extending.get(at) ?? []) {
      if (found.has(heir) || heir === reference) continue
      found.add(heir)
      open.push(heir)
    }
  }
  return [...found]
}
