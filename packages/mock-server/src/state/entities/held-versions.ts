// Members by which a change says for which state of a thing it was made, where the document says that others are refused.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { HELD_VERSION_SENTENCE, REVISION_MEMBER } from '../conventions/life.js'
import type { Forms } from '../forms/forms.js'

const versions = new WeakMap<Operation, string>()

/** The member that a change has to have and that names the state of the thing: `version`; empty where there is none. */
export function heldVersion(forms: Forms, schemas: Schemas, operation: Operation): string {
  const known = versions.get(operation)
  if (known !== undefined) return known
  const name = versionIn(forms, schemas, operation)
  versions.set(operation, name)
  return name
}

/** The answer of an operation to a change that was made for another state, as the document has it. */
export const conflictOf = (operation: Operation) =>
  operation.responses().find(({ status }) => status === '409')

function versionIn(forms: Forms, schemas: Schemas, operation: Operation): string {
  const conflict = conflictOf(operation)
  for (const { schema } of operation.body()?.content ?? []) {
    const { shape, byName } = forms.of(schemas.convert(schema ?? true, 'request'))
    const name = [...shape.required].find((one) => REVISION_MEMBER.test(normalizeName(one)))
    const member = name === undefined ? undefined : byName.get(normalizeName(name))
    const said = isObject(member?.schema) ? String(member.schema.description ?? '') : ''
    if (
      name !== undefined &&
      [conflict?.description, said].some((text) => HELD_VERSION_SENTENCE.test(text ?? ''))
    )
      return name
  }
  return ''
}
