// How each operation of a document was read, for people who want to know why an answer is what it is, and for builds that
// must not rely on guesses.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import type { Validation } from '../../engine/schema/validation.js'
import type { EntityView } from '../forms/entity-views.js'
import { createForms } from '../forms/forms.js'
import { FIRST } from '../forms/slots.js'
import { createViews } from '../forms/views.js'
import { queryNamesOf } from '../queries/query-names.js'
import { envelopeHint } from './hints.js'
import type { TypesParts } from './looks.js'
import { nounOf } from './paths.js'
import type { RoleKind } from './place.js'
import { createTypes, type TypedRole, type Types } from './types.js'

/** `declared`: the document leaves one reading, or a hint of it says so. `guessed`: the mock chose one. */
export type Basis = 'declared' | 'guessed'

export interface OperationReading {
  readonly method: string
  readonly path: string
  readonly operationId: string | undefined
  /** What the operation does; undefined where nothing is stored for it. */
  readonly role: RoleKind | undefined
  /** What its entries are called, and the path of the collection that they belong to. */
  readonly thing: string | undefined
  readonly collection: string | undefined
  readonly because: string
  /** The path parameter of one entry, and the member of answers that holds the same value. */
  readonly id: { readonly parameter: string | undefined; readonly member: string | undefined } | undefined
  /** The members around an entry or a list in answers: `data.items`. Empty where there are none. */
  readonly envelope: string
  /** Query parameters that choose a page or an order, with what each means. */
  readonly paging: Readonly<Record<string, string>>
  /** Query parameters that are compared with members of the entries. */
  readonly filters: readonly string[]
  /** Query parameters that change nothing. */
  readonly ignored: readonly string[]
  /** Who may call: alternatives, each a list of security schemes that are all asked for, with their scopes. */
  readonly security: readonly (readonly { readonly scheme: string; readonly scopes: readonly string[] }[])[]
  readonly basis: Basis
  /** What was guessed, and the hint that settles it. */
  readonly guesses: readonly string[]
}

const LISTS: ReadonlySet<RoleKind> = new Set(['list', 'search', 'create-many', 'replace-all'])
/** Roles that need to know which member identifies an entry. */
const IDENTIFYING: ReadonlySet<RoleKind> = new Set(['create', 'create-many', 'list', 'search', 'read'])

/** Reads a document that is not served. */
export function readDocument(parts: TypesParts & { readonly validation: Validation }) {
  const forms = createForms(parts.schemas, parts.validation)
  return readingsOf(createTypes(parts, forms, createViews(forms)), parts.operations)
}

export const readingsOf = (types: Types, operations: readonly Operation[]): readonly OperationReading[] =>
  operations.map((operation) => readingOf(types, operation))

function readingOf(types: Types, operation: Operation): OperationReading {
  const { method, path, operationId } = operation
  const role = types.roleOf(operation)
  const security = operation
    .security()
    .map((requirement) => requirement.map(({ scheme, scopes }) => ({ scheme: scheme.name, scopes })))
  const shared = { method, path, operationId, security }
  if (role === undefined)
    return {
      ...shared,
      ...{ role: undefined, thing: undefined, collection: undefined, id: undefined },
      because: 'nothing is stored for it: it answers with what was sent, an example or a sample',
      ...{ envelope: '', paging: {}, filters: [], ignored: [], basis: 'declared', guesses: [] },
    }
  const { kind, place, type, because } = role
  const { envelope, view } = bodyOf(types, operation, role)
  const member = view?.idPath?.join('.')
  const guesses = [
    ...roleGuesses(role),
    ...idGuesses(operation, role, view),
    ...(view === undefined ? [] : envelopeGuesses(operation, envelope)),
  ]
  return {
    ...shared,
    role: kind,
    ...{ thing: nounOf(type.home), collection: type.home.collection, because },
    id: view === undefined ? undefined : { parameter: place.param ?? type.home.param, member },
    envelope: envelope.join('.'),
    ...queryOf(operation, kind, view),
    basis: guesses.length === 0 ? 'declared' : 'guessed',
    guesses,
  }
}

/** Where the success of an operation holds what it is about. */
function bodyOf(
  types: Types,
  operation: Operation,
  { kind, place }: TypedRole,
): { readonly envelope: readonly string[]; readonly view: EntityView | undefined } {
  const template = types.template(operation, kind === 'create')
  if (template?.media === undefined) return { envelope: [], view: undefined }
  if (!LISTS.has(kind)) {
    const view = types.entityView(template, place)
    return { envelope: view.path, view }
  }
  const list = types.listView(template, place)
  return { envelope: list?.path ?? [], view: list?.item }
}

function roleGuesses({ kind, basis, type, because }: TypedRole): readonly string[] {
  return basis === 'declared'
    ? []
    : [
        `it is read as ${kind} of ${type.home.collection}, because ${because}; x-mock-role and x-mock-resource settle it`,
      ]
}

function envelopeGuesses(operation: Operation, envelope: readonly string[]): readonly string[] {
  const hint = envelopeHint(operation)
  const found = envelope.filter((name) => name !== FIRST)
  const isFound = hint === undefined || hint.map(normalizeName).join() === found.map(normalizeName).join()
  return isFound
    ? []
    : [`x-mock-envelope is ${JSON.stringify(hint.join('.'))}, which the answer does not have`]
}

function idGuesses(
  operation: Operation,
  { kind, place, type }: TypedRole,
  view: EntityView | undefined,
): readonly string[] {
  const hint = operation.extension('x-mock-id')
  const member = view?.idPath?.at(-1)
  if (typeof hint === 'string' && view !== undefined && normalizeName(member ?? '') !== normalizeName(hint))
    return [`x-mock-id is ${JSON.stringify(hint)}, which no entry of the answer has`]
  const parameter = place.param ?? type.home.param
  if (view === undefined || parameter === undefined || !IDENTIFYING.has(kind)) return []
  if (view.idPath === undefined)
    return [`no member of the answer is known to hold the value of {${parameter}}; x-mock-id names it`]
  return view.isSure
    ? []
    : [`{${parameter}} is taken for the member ${view.idPath.join('.')}; x-mock-id settles it`]
}

function queryOf(
  operation: Operation,
  kind: RoleKind,
  view: EntityView | undefined,
): Pick<OperationReading, 'paging' | 'filters' | 'ignored'> {
  const names = queryParameters(operation).map(({ name }) => name)
  if (!LISTS.has(kind) && kind !== 'count') return { paging: {}, filters: [], ignored: [] }
  const { meaningOf, isIgnored, filterOf } = queryNamesOf(operation)
  const paging = names.flatMap((name) => {
    const meaning = meaningOf(name)
    return meaning === undefined ? [] : [[name, meaning] as const]
  })
  const others = names.filter((name) => meaningOf(name) === undefined)
  const isMember = (name: string): boolean => {
    if (isIgnored(name) || filterOf(name) !== undefined) return !isIgnored(name)
    const words = name.split(/\[|\]|__|\./).filter((word) => word !== '' && !/^filters?$/i.test(word))
    return words.some((word) => view?.form.byName.has(normalizeName(word)) === true)
  }
  return {
    paging: Object.fromEntries(paging),
    filters: others.filter(isMember),
    ignored: others.filter((name) => !isMember(name)),
  }
}
