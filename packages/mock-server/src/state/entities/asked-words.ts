// The words that requests have for a status which answers leave open: those of a body's member of the same name, and those
// that a list can be asked for.

import { lazy, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { shapeOf } from '../../engine/schema/shape.js'
import { STATUS_MEMBER } from '../conventions/life.js'
import { EVERYTHING } from '../conventions/lists.js'
import type { Forms } from '../forms/forms.js'
import type { ResourceType } from '../places/types.js'

/** Gives the words for a member of a type's things, by its normalised name; none where no request tells of any. */
export function askedWordsOf(
  schemas: Schemas,
  forms: Forms,
  { places }: ResourceType,
): (normalized: string) => readonly string[] {
  const words = lazy(() => {
    const bodies = places
      .flatMap(({ create, changes }) => [create ?? [], changes].flat())
      .flatMap((operation) => operation.body()?.content ?? [])
    const sent = bodies.flatMap(({ schema }) => [
      ...forms.of(schemas.convert(schema ?? true, 'request')).byName.values(),
    ])
    const asked = places
      .flatMap(({ list }) => list?.parameters() ?? [])
      .filter((parameter) => parameter.in === 'query')
      .map(({ name, schema }) => ({ name, schema: schemas.convert(schema ?? {}, 'request') }))
    const found = [...asked, ...sent].flatMap(({ name, schema }) => {
      const normalized = normalizeName(name)
      const own = STATUS_MEMBER.test(normalized) ? wordsIn(schemas, schema) : []
      return own.length > 1 ? [[normalized, own] as const] : []
    })
    // What bodies say counts for more than what lists can be asked for.
    return new Map(found)
  })
  return (normalized) => words().get(normalized) ?? []
}

const wordsIn = (schemas: Schemas, schema: Schema): readonly string[] =>
  (shapeOf(schemas, [schema]).values ?? []).filter(
    (value): value is string => typeof value === 'string' && !EVERYTHING.has(value.toLowerCase()),
  )
