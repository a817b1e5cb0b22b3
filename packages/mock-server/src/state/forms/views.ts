// How answers show things, as their schemas tell it; found once for each schema.

import type { Schema } from '../../engine/schema/schema.js'
import { type EntityView, entityIn, hintedEntity, type IdNames, innerAt } from './entity-views.js'
import type { Forms } from './forms.js'
import { hasList, type ListView, listIn, listView } from './list-views.js'

export interface Views {
  /** @param envelope the members that lead to the thing, where a hint names them; the same for a list. */
  entity(schema: Schema, ids: IdNames, noun: string, envelope?: readonly string[]): EntityView
  list(schema: Schema, ids: IdNames, noun: string, envelope?: readonly string[]): ListView | undefined
  hasList(schema: Schema, noun: string): boolean
}

export function createViews(forms: Forms): Views {
  return {
    entity: (schema, ids, noun, envelope) =>
      (envelope && hintedEntity(forms, schema, ids, envelope)) ?? entityIn(forms, schema, ids, noun),
    list(schema, ids, noun, envelope) {
      const hinted = envelope && innerAt(forms, schema, envelope)
      return hinted?.form.isArray === true
        ? listView(forms, hinted.path, hinted.form.items, ids, noun)
        : listIn(forms, schema, ids, noun)
    },
    hasList: (schema, noun) => hasList(forms, schema, noun),
  }
}
