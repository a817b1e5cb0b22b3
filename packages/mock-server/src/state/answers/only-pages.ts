// Lists of which nothing is stored: the document's sample is all that there is of them, on one page, so that clients which go
// from page to page come to an end.

import { isObject } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { noPreferences } from '../../engine/request/preferences.js'
import type { Template } from '../../engine/response/responses.js'
import type { StateAnswer } from '../answering.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import { equals } from '../patches.js'
import { nounOf } from '../places/paths.js'
import { queryOf } from '../queries/queries.js'
import type { World } from '../world.js'
import { askedOf } from './listing.js'

/** @returns undefined where an answer is no page of a list, or says already that it is the only one. */
export function onlyPage(world: World, request: ApiRequest, template: Template | undefined): StateAnswer {
  const { operation } = request
  const query = queryOf(operation, world.schemas, askedOf(request, request.body))
  if (template?.media === undefined || !query.isPlaced) return undefined
  const view = world.views.list(
    template.schema,
    { sure: [], guesses: [] },
    nounOf({ collection: operation.path }),
  )
  const sample = world.responses.sample(template, noPreferences).value
  const rows = view && view.path.length > 0 && isObject(sample) ? valueAt(sample, view.path) : undefined
  if (view === undefined || !Array.isArray(rows)) return undefined
  const { number, offset = 0, firstNumber } = query
  const isLater = query.after !== undefined || offset > 0 || (number ?? firstNumber) > firstNumber
  const shown = isLater ? [] : rows
  const page = {
    ...{ rows: shown.map((_, at) => ({ id: String(at) })), total: () => rows.length, hasMore: false },
    ...{ hasEarlier: isLater, offset, size: rows.length, number: number ?? firstNumber, firstNumber },
    ...{ lastId: undefined, firstId: undefined },
  }
  const listed = withValueAt(sample, view.path, shown)
  const body = world.counters.write(listed, template, view.path, { request, page })
  if (equals(body, sample) || world.responses.check(template, body).length > 0) return undefined
  return { answer: { ...world.responses.answer(template, body), source: 'generated' } }
}
