// Bodies of answers that fit their description: what does not is repaired, as little as may be, or is a sample.

import { isObject } from '../../engine/json.js'
import { noPreferences } from '../../engine/request/preferences.js'
import type { Responses, Template } from '../../engine/response/responses.js'
import type { Sampler } from '../../engine/sampling/sampler.js'
import type { ListView } from '../forms/list-views.js'
import { repaired } from '../forms/repairs.js'
import { valueAt, withValueAt } from '../forms/slots.js'

export interface Fitting {
  sample(template: Template): unknown
  /** @param keep what must be in the answer all the same: an id that a client will come back with. */
  body(template: Template, body: unknown, keep?: (body: unknown) => unknown): unknown
  /** A list, in which one odd row does not spoil the others. @param rows what stands in the list. */
  list(template: Template, view: ListView, body: unknown, rows: readonly unknown[]): unknown
}

export interface FittingParts {
  readonly responses: Responses
  readonly sampler: Sampler
}

export function createFitting({ responses, sampler }: FittingParts): Fitting {
  const sample: Fitting['sample'] = (template) => responses.sample(template, noPreferences).value

  const body: Fitting['body'] = (template, given, keep = (same) => same) => {
    if (responses.check(template, given).length === 0) return given
    // Where the schema contradicts itself, every repair fails, and takes its time.
    if (responses.sample(template, noPreferences).errors.length > 0) return given
    const seed = template.operation.id
    const value = repaired(given, {
      errorsOf: (one) => responses.check(template, one),
      remake: () => sampler.sample(template.schema, { seed, base: given, requiredOnly: true }),
    })
    return keep(value ?? sample(template))
  }

  return {
    sample,
    body,
    list(template, view, given, rows) {
      const errors = responses.check(template, given)
      if (errors.length === 0) return given
      const prefix = `/${[...view.path, ''].join('/')}`.replace(/^\/+/, '/')
      const isOdd = oddRows(errors, view, prefix)
      const isOddAlone = (row: unknown): boolean =>
        responses
          .check(template, withValueAt(given, view.path, [row]))
          .some(({ instancePath }) => instancePath.startsWith(`${prefix}0`))
      const remade = rows.map((row, i) =>
        isOdd(i) || isOddAlone(row) ? remadeRow(sampler, view, row, i) : { row, isHopeless: false },
      )
      const again = withValueAt(
        given,
        view.path,
        remade.map(({ row }) => row),
      )
      const isHopeless = remade.some((one) => one.isHopeless)
      // A link in the form of the document's example may not be what its format says, and no entry what a schema says that
      // contradicts itself: that is the document's word, and no reason to show a list without its things.
      const isDocuments = responses
        .check(template, again)
        .every(({ keyword, instancePath }) =>
          instancePath.startsWith(prefix) ? isHopeless : keyword === 'format',
        )
      return isDocuments ? again : body(template, again)
    },
  }
}

/** Which rows the errors of a list lie in. */
function oddRows(
  errors: ReturnType<Responses['check']>,
  { path }: ListView,
  prefix: string,
): (index: number) => boolean {
  const odd = new Set(
    errors.flatMap(({ instancePath }) => {
      if (path.length > 0 && !instancePath.startsWith(prefix)) return []
      return Number(instancePath.slice(path.length > 0 ? prefix.length : 1).split('/')[0])
    }),
  )
  return (index) => odd.has(index)
}

interface RemadeRow {
  readonly row: unknown
  /** Whether its schema contradicts itself. */
  readonly isHopeless: boolean
}

/** A row that fits; it still shows the id of its thing. */
function remadeRow(sampler: Sampler, { item, itemSchema }: ListView, row: unknown, index: number): RemadeRow {
  const { value, errors } = sampler.sample(itemSchema, { seed: String(index), base: row, requiredOnly: true })
  if (errors.length > 0) return { row, isHopeless: true }
  const idPath = [...item.path, ...(item.idPath ?? [])]
  const id = item.idPath === undefined ? undefined : valueAt(row, idPath)
  const isKept = id !== undefined && isObject(value)
  return { row: isKept ? withValueAt(value, idPath, id) : value, isHopeless: false }
}
