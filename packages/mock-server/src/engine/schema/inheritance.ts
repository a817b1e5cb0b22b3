// Schemas that others extend by `allOf` and tell apart by a discriminator: where a document refers to such a schema, it
// means any of those that extend it (OpenAPI 3.0.4, "Models with Polymorphism Support"; Swagger 2.0 knows no other form).

import {
  arrayMember,
  entriesOf,
  escapeSegment,
  grouped,
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

type Resolve = (pointer: string) => unknown

/** The alternatives behind references to schemas that others extend, by reference. */
export function findHeirs(resolvePointer: Resolve): ReadonlyMap<string, Heirs> {
  const all = ROOTS.flatMap((place) =>
    namedIn(resolvePointer(place)).map(
      ([name, schema]) => [`#${place}/${escapeSegment(name)}`, schema] as const,
    ),
  )
  const extending = extendingIn(all)
  const heirs = new Map<string, Heirs>()
  for (const [reference, schema] of all) {
    const others = isBase(schema) ? descendants(extending, reference) : []
    if (others.length > 0 && !standsForItself(reference, schema, others, resolvePointer))
      heirs.set(reference, heirsOf(reference, schema, others))
  }
  return heirs
}

type Named = readonly [reference: string, schema: JsonObject]

/** Which schemas extend another one, by reference. */
function extendingIn(schemas: readonly Named[]): ReadonlyMap<string, readonly string[]> {
  return grouped(
    schemas.flatMap(([reference, schema]) =>
      arrayMember(schema, 'allOf').flatMap((part) => {
        const extended = stringMember(part, '$ref')
        return extended === undefined ? [] : [[extended, reference] as const]
      }),
    ),
  )
}

const isBase = ({ discriminator, oneOf, anyOf }: JsonObject): boolean =>
  (isObject(discriminator) || typeof discriminator === 'string') && oneOf === undefined && anyOf === undefined

function heirsOf(reference: string, { discriminator }: JsonObject, all: readonly string[]): Heirs {
  const options = all.map(($ref) => ({ $ref }))
  return {
    request: { oneOf: options, discriminator },
    // It is still known by the name that the document refers to.
    response: { allOf: [{ $ref: reference }], anyOf: options, discriminator },
  }
}

/** Whether things may be of the schema itself: where its own discriminator names it, or has a value that names no other. */
const standsForItself = (
  reference: string,
  schema: JsonObject,
  all: readonly string[],
  resolvePointer: Resolve,
): boolean =>
  entriesOf(schema.discriminator, 'mapping').some(
    ([, target]) => target === reference || reference.endsWith(`/${String(target)}`),
  ) || namesNobody(schema, all, resolvePointer)

/** Whether the discriminator lists a value that names none of the schemas that extend this one: it stands for itself then. */
function namesNobody(schema: JsonObject, all: readonly string[], resolvePointer: Resolve): boolean {
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
