// The member that requests and answers have in common: `{ user: { … } }` is sent, and `{ user: { … }, token: … }` comes back.

import type { Operation } from '../../engine/document/operation.js'
import { lazy } from '../../engine/json.js'
import type { Template } from '../../engine/response/responses.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import type { Forms } from '../forms/forms.js'

export interface SentEnvelopesOptions {
  readonly operations: readonly Operation[]
  readonly schemas: Schemas
  readonly forms: Forms
  template(operation: Operation): Template | undefined
}

/** Tells which member of an answer is of the class that requests send under the same name, where it is one alone. */
export function createSentEnvelopes(
  options: SentEnvelopesOptions,
): (answer: Schema) => readonly string[] | undefined {
  const { forms } = options
  const known = lazy(() => {
    const found = new Map<unknown, readonly string[]>()
    for (const operation of options.operations) {
      const answer = operation.body() === undefined ? undefined : options.template(operation)
      const shared = answer?.media && sharedBy(options, operation, answer.schema)
      if (answer !== undefined && shared !== undefined) found.set(forms.identity(answer.schema), [shared])
    }
    return found
  })
  return (answer) => known().get(forms.identity(answer))
}

function sharedBy(
  { schemas, forms }: SentEnvelopesOptions,
  operation: Operation,
  answer: Schema,
): string | undefined {
  const { byName } = forms.of(answer)
  const own = forms.className(answer)
  const sendsWhole = (operation.body()?.content ?? []).some(
    ({ schema }) => own !== undefined && forms.className(schemas.convert(schema ?? true, 'request')) === own,
  )
  const shared = (operation.body()?.content ?? []).flatMap(({ schema }) =>
    [...forms.of(schemas.convert(schema ?? true, 'request')).byName].flatMap(([normalized, sent]) => {
      const shown = byName.get(normalized)
      const name = shown && forms.className(shown.schema)
      return name !== undefined && name === forms.className(sent.schema) ? [shown?.name] : []
    }),
  )
  const [only, ...others] = new Set(shared)
  // What is answered as it is sent, such as an object of Kubernetes with its `metadata`, is no envelope.
  return others.length === 0 && !sendsWhole ? only : undefined
}
