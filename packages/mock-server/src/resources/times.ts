// The members of an item that say when it was made and changed, known by their names, and how each writes an instant.

import { normalizeName } from '../engine/json.js'
import type { Sampler } from '../engine/sampling/sampler.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { shapeOf } from '../engine/schema/shape.js'
import type { ItemView } from './views.js'

export interface TimeMember {
  readonly name: string
  readonly kind: 'created' | 'updated'
  write(now: number): unknown
}

const CREATED =
  /^(created|creation|datecreated|inserted|submitted)(at|on|time|date|timestamp|datetime)?$|^(createtime|createdate)$/
const UPDATED =
  /^(updated|modified|lastmodified|dateupdated|datemodified|lastupdated|changed)(at|on|time|date|timestamp|datetime)?$|^(updatetime|modifydate)$/

export function timesIn(
  { schemas, sampler }: { readonly schemas: Schemas; readonly sampler: Sampler },
  { shape }: ItemView,
): readonly TimeMember[] {
  return [...shape.properties].flatMap(([name, own]): TimeMember[] => {
    const normalized = normalizeName(name)
    const kind = CREATED.test(normalized) ? 'created' : UPDATED.test(normalized) ? 'updated' : undefined
    if (kind === undefined) return []
    const property = shapeOf(schemas, own)
    const types = property.types ?? new Set(['string'])
    if (types.has('integer') || (types.has('number') && !types.has('string'))) {
      const { value } = sampler.sample({ allOf: own }, { seed: name })
      const inMilliseconds = typeof value === 'number' && value > 100_000_000_000
      return [{ name, kind, write: (now) => (inMilliseconds ? now : Math.floor(now / 1000)) }]
    }
    if (!types.has('string') || property.patterns.length > 0 || property.values !== undefined) return []
    return [{ name, kind, write: (now) => (WRITERS[property.format ?? ''] ?? iso)(new Date(now)) }]
  })
}

const iso = (date: Date): string => date.toISOString()
const WRITERS: Readonly<Record<string, ((date: Date) => string) | undefined>> = {
  date: (date) => date.toISOString().slice(0, 10),
  'date-time-rfc-2822': (date) => date.toUTCString().replace('GMT', '+0000'),
}
