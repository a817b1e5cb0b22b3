// Names of which a request says how they begin: `generateName: 'job-'` beside the `name` (Kubernetes, Halo, Argo, Tekton).

import { hashText, normalizeName } from '../../engine/json.js'
import type { Item } from '../entities/entity.js'
import { valueAt } from '../forms/slots.js'
import type { Site, World } from '../world.js'

const PREFIX = 'generateName'
const LENGTH = 5

/** The id of a new thing that begins as a request says; undefined where it says nothing of the kind. */
export function prefixedId(
  { items }: World,
  { factory, scope, name }: Site,
  payload: Item,
): string | undefined {
  const path = factory.view.idPath ?? []
  if (normalizeName(path.at(-1) ?? '') !== 'name') return undefined
  const prefix = valueAt(payload, [...path.slice(0, -1), PREFIX])
  if (typeof prefix !== 'string' || prefix === '') return undefined
  const number = items.nextNumber(scope, `#${PREFIX} ${name}`)
  return prefix + hashText(`${name} ${number}`).toString(36).slice(-LENGTH).padStart(LENGTH, '0')
}
