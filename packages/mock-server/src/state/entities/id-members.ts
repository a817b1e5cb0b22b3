// The members of an entity that identify it: the one that it is stored under, and the others that paths may call it by.

import { type Operation, type Parameter, queryParameters } from '../../engine/document/operation.js'
import { hashText, isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import { createRandom, uuidOf } from '../../engine/sampling/plausible.js'
import type { Schema } from '../../engine/schema/schema.js'
import {
  EITHER_SENTENCE,
  HOLDERS,
  ID_ENDINGS,
  NAME_MEMBERS,
  OWN_NAMES,
  UNIQUE_SENTENCE,
} from '../conventions/names.js'
import type { EntityView } from '../forms/entity-views.js'
import { joint } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { type Slot, valueAt, withValueAt } from '../forms/slots.js'
import { idNamesOf } from '../places/id-names.js'
import { nounsOf } from '../places/paths.js'
import type { Place } from '../places/place.js'
import type { ResourceType } from '../places/types.js'
import { createIdentifiers, type IdentifierParts, type Identifiers, typedId } from './identifiers.js'
import type { RequestMembers } from './request-members.js'

type IsSent = (slot: Slot) => boolean
type Path = readonly string[]

/** A member that an entity is known by, and its value. */
export interface Mark {
  readonly path: Path
  readonly value: string
}

export interface IdMembers {
  readonly identifiers: Identifiers
  /** Members that may identify an entity, by their paths, beside the one that it is stored under. */
  readonly further: readonly Path[]
  /** The member that an id names by a prefix which the document tells of: `code-ann` a `code`; undefined where it has none. */
  prefixed(id: string): Mark | undefined
  isOwn(slot: Slot): boolean
  /** An item with its id, unless the member that looks like its id is something else. */
  withId(item: JsonObject, id: unknown): JsonObject
  /** The id that a client gives to a new thing; undefined where the API does not let it. */
  chosen(payload: JsonObject, operation: Operation): string | number | undefined
  /** The id that a body has for its thing, where a request may set it. */
  sentId(sent: JsonObject, operation: Operation | undefined): unknown
  /** A new thing with further ids of its own. @param id the one that it is stored under. */
  withFurther(entity: unknown, id: unknown, isSent: IsSent, operation: Operation | undefined): unknown
  /** What replaces a thing, with the thing's ids and the time of its creation unless others were sent. */
  withIdentityOf(before: JsonObject, after: JsonObject, sent: JsonObject): JsonObject
}

/** A type of entity with what the document says of it. */
export interface EntityKind {
  readonly type: ResourceType
  /** How answers show an entity, the one that it is read in first. */
  readonly views: readonly [EntityView, ...EntityView[]]
  /** The path parameters that hold ids of entities of the type. */
  readonly parameters: readonly Parameter[]
  /** What is done to entities of the type: `cancel`, `complete`. */
  readonly verbs: readonly string[]
  /** What clients make things of is called so: `tag`, `comment`. */
  readonly madeNouns: () => ReadonlySet<string>
}

export interface IdMembersOptions extends EntityKind {
  readonly slots: readonly Slot[]
  readonly requests: RequestMembers
}

export function createIdMembers(parts: IdentifierParts, forms: Forms, options: IdMembersOptions): IdMembers {
  const { type, views, parameters, slots, requests } = options
  const [view, ...others] = views
  const { idPath } = view
  const isOwn = ({ path }: Slot): boolean => idPath !== undefined && pathText(path) === pathText(idPath)
  // Paths that differ in the names of their parameters alone name a thing by several of its members.
  const twins = twinNames(type.home, parameters)
  const isTwin = (slot: Slot): boolean => slot.path.length === 1 && twins.has(slot.normalized) && !isOwn(slot)
  const named = namedBesides(parameters)
  // What things are counted by tells them apart, and is looked up: a sample would be that of another thing.
  const isCounted = ({ path, normalized, schema }: Slot): boolean =>
    path.length === 1 && normalized === 'number' && forms.types(schema)?.has('integer') === true
  const isNamed = (slot: Slot): boolean => slot.path.length === 1 && named.has(slot.normalized)
  const isOtherId = ({ name }: Parameter): boolean =>
    slots.some((slot) => slot.normalized === normalizeName(name) && isTwin(slot))
  const identifiers = createIdentifiers(
    parts,
    type.name,
    parameters.filter((parameter) => !isOtherId(parameter)),
    views.flatMap((one) => idSchemas(forms, one)),
  )
  const canRename = ({ changes }: Place): boolean =>
    changes.some((operation) => requests.isSettable(operation, idPath ?? []))
  // Files of several folders are called alike.
  const isFileName = ({ normalized }: Slot): boolean =>
    /path$/.test(normalizeName(idPath?.at(-1) ?? '')) && /^(file)?name$/.test(normalized)
  // What paths call a thing by has to be there, whichever of them it was made at.
  const marks = new Set(
    others.flatMap((other) => (other.isSure && other.idPath !== undefined ? [pathText(other.idPath)] : [])),
  )

  const isMark = ({ path, normalized }: Slot): boolean =>
    (marks.has(pathText(path)) && path.length === 1) || isIdEnding(normalized)
  const unique = new Set(slots.filter(isSaidToBeUnique))
  const mayNeedMark = slots.filter(
    (slot) => !isOwn(slot) && (isMark(slot) || isTwin(slot) || isCounted(slot) || unique.has(slot)),
  )

  /** Whether a member that identifies a thing beside its id gets a value of the thing's own. */
  const needsMark = (slot: Slot, entity: unknown, operation: Operation | undefined): boolean => {
    const isAbsent = valueAt(entity, slot.path) === undefined
    if (marks.has(pathText(slot.path)) && slot.path.length === 1 && isAbsent) return true
    if (unique.has(slot)) return !isAbsent && !requests.isSettable(operation, slot.path)
    if (!isIdEnding(slot.normalized) && !isTwin(slot) && !isCounted(slot)) return false
    if (slot.path.length === 1) return !isAbsent && !requests.isSettable(operation, slot.path)
    const isInHolder = HOLDERS.has(normalizeName(slot.path[0] ?? ''))
    return isInHolder && isObject(valueAt(entity, slot.path.slice(0, -1)))
  }

  return {
    ...createOwnId(parts, forms, options, identifiers),
    identifiers,
    prefixed: prefixedIn(parameters, slots),
    isOwn,
    further: [
      ...furtherIds(
        forms,
        slots,
        (slot) => isOwn(slot) || isFileName(slot),
        (slot) => isTwin(slot) || isNamed(slot) || marks.has(pathText(slot.path)),
      ),
      ...(isName(idPath) && type.places.some(canRename) ? [idPath] : []),
    ],
    withFurther(entity, id, isSent, operation) {
      let copy = entity
      for (const slot of mayNeedMark) {
        if (isSent(slot) || !needsMark(slot, copy, operation)) continue
        const mark = markFor(parts, forms, slot, { id, kind: type.name })
        if (mark !== undefined) copy = withValueAt(copy, slot.path, mark)
      }
      return copy
    },

    withIdentityOf(before, after, sent) {
      const isMark = (slot: Slot): boolean =>
        isOwn(slot) || isIdEnding(slot.normalized) || IS_CREATION.test(slot.normalized)
      const kept = slots.filter((slot) => isMark(slot) && valueAt(sent, slot.path) === undefined)
      const copy = kept.reduce<unknown>((at, { path }) => {
        const old = valueAt(before, path)
        const hasRoom = path.length === 1 || isObject(valueAt(at, path.slice(0, -1)))
        return old !== undefined && hasRoom ? withValueAt(at, path, old) : at
      }, after)
      return isObject(copy) ? copy : after
    },
  }
}

type OwnId = Pick<IdMembers, 'withId' | 'sentId' | 'chosen'>

/** The member that an entity is stored under. */
function createOwnId(
  { validation }: IdentifierParts,
  forms: Forms,
  { type, views: [view], requests }: IdMembersOptions,
  identifiers: Identifiers,
): OwnId {
  const { idPath } = view
  const schemas = idSchemas(forms, view)
  const types = idPath === undefined ? undefined : forms.types(joint(schemas.slice(0, 1)))
  const checks = schemas.map((schema) => validation.ofSchema(schema))
  const accepts = (id: unknown): boolean =>
    checks.length === 0 || checks.some((check) => check(id).length === 0)
  const { sure } = idNamesOf(type.home)
  const name = idPath?.at(-1) ?? ''
  const isOpen = view.form.byName.size === 0
  // What is known by the id of what it shows is made with that: `addonId` of an `addon.id` (OpenMeter).
  const inHolder =
    idPath?.length === 2 && isIdEnding(normalizeName(name)) ? [idPath.map(normalizeName).join('')] : []

  const idNames = [normalizeName(name), ...(type.home.isCalled ? [] : [sure[0] ?? name, ...inHolder])]

  /** What a body may have for an id: the member itself, or one of the names that everyone knows. */
  const candidatesIn = (payload: JsonObject): readonly unknown[] => {
    // What a document leaves open is identified by what a client calls its id.
    if (isOpen) return [memberNamed(payload, sure)]
    return idPath === undefined ? [] : [valueAt(payload, idPath), memberNamed(payload, idNames)]
  }

  // What answers call the name of a thing, requests may call with the thing: `new_branch_name`.
  const isOwnName = idPath?.length === 1 && (OWN_NAMES as readonly string[]).includes(normalizeName(name))
  const ownNames = isOwnName
    ? nounsOf(type.home).flatMap((noun) => [noun + name, `new${noun}${name}`].map(normalizeName))
    : []

  const isChoosable = (operation: Operation): boolean =>
    isOpen ||
    requests.isSettable(operation, idPath ?? []) ||
    [sure[0] ?? name, ...inHolder, ...ownNames].some((one) => requests.isSettable(operation, [one])) ||
    // A creation whose query has the id: `POST /documents?documentId=` (Camunda), `POST /vaults?name=`.
    queryParameters(operation).some((parameter) => idNames.includes(normalizeName(parameter.name)))

  return {
    withId(item, id) {
      // What there is once has no id in its path.
      if (idPath === undefined || id === undefined || id === '') return item
      const typed = typedId(id, types)
      if (valueAt(item, idPath) === typed) return item
      // A path may name things by something else than the member that looks like their id.
      const copy = accepts(typed) ? withValueAt(item, idPath, typed) : item
      return isObject(copy) ? copy : item
    },

    chosen(payload, operation) {
      for (const value of candidatesIn(payload))
        if (identifiers.accepts(value) && isChoosable(operation)) return value
      return undefined
    },

    sentId(sent, operation) {
      const id = idPath === undefined || !isName(idPath) ? undefined : valueAt(sent, idPath)
      const isGiven = (typeof id === 'string' && id !== '') || typeof id === 'number'
      return isGiven && requests.isSettable(operation, idPath ?? []) && accepts(id) ? id : undefined
    },
  }
}

/** How parameters call things otherwise than by their ids: ``For code use prefix `code-` `` (Recurly), `handle:` (Maxio). */
const PREFIX = /[`'"]([A-Za-z]\w*)([-:])[`'"]/g

function prefixedIn(parameters: readonly Parameter[], slots: readonly Slot[]): IdMembers['prefixed'] {
  const paths = new Map<string, Path>()
  for (const { raw } of parameters)
    for (const [, name = '', sign = ''] of String(raw.description ?? '').matchAll(PREFIX)) {
      const slot = slots.find(
        ({ path, normalized }) => path.length === 1 && normalized === normalizeName(name),
      )
      if (slot !== undefined) paths.set(name + sign, slot.path)
    }
  return (id) => {
    const [prefix = ''] = /^[A-Za-z]\w*?[-:]/.exec(id) ?? []
    const path = paths.get(prefix)
    return path && { path, value: id.slice(prefix.length) }
  }
}

const pathTexts = new WeakMap<Path, string>()

/** The paths of members are the same lists for all things of a type. */
function pathText(path: Path): string {
  const known = pathTexts.get(path)
  if (known !== undefined) return known
  const text = path.join('/')
  pathTexts.set(path, text)
  return text
}
const IS_CREATION = /^(created|creation)/
const isIdEnding = (normalized: string): boolean => (ID_ENDINGS as readonly string[]).includes(normalized)

/** The schemas of the member that a view identifies entities by. */
function idSchemas(forms: Forms, { schema, idPath }: EntityView): readonly Schema[] {
  if (idPath === undefined) return []
  return forms.alternatives(schema).flatMap((option) => {
    const found = schemaAt(forms, option, idPath)
    return found === undefined ? [] : [found]
  })
}

function schemaAt(forms: Forms, schema: Schema, [name, ...rest]: Path): Schema | undefined {
  const found = forms.of(schema).byName.get(normalizeName(name ?? ''))?.schema
  return found === undefined || rest.length === 0 ? found : schemaAt(forms, found, rest)
}

/** A value of a thing's own for a further id; undefined where none of those that everyone knows fits. */
function markFor(
  { validation }: IdentifierParts,
  forms: Forms,
  { schema, normalized }: Slot,
  { id, kind }: { readonly id: unknown; readonly kind: string },
): unknown {
  const accepts = validation.ofSchema(schema)
  const number = hashText(String(id)) % 1_000_000
  const uuid = uuidOf(createRandom(number), hashText(kind), number)
  const same = typedId(id, forms.types(schema))
  const isUnique = normalized === 'uid' || normalized === 'uuid'
  return (isUnique ? [uuid, number, same] : [same, number, uuid]).find((one) => accepts(one).length === 0)
}

const isSaidToBeUnique = ({ path, normalized, schema }: Slot): boolean =>
  path.length === 1 &&
  normalized.endsWith('id') &&
  isObject(schema) &&
  schema.format === 'uuid' &&
  UNIQUE_SENTENCE.test(String(schema.description ?? ''))

/** Whether people call a thing by a member, and may call it otherwise one day. */
const isName = (path: readonly string[] | undefined): path is readonly string[] => {
  const name = normalizeName(path?.at(-1) ?? '')
  return (
    path !== undefined &&
    ((NAME_MEMBERS as readonly string[]).includes(name) ||
      !ID_ENDINGS.some((ending) => name.endsWith(ending)))
  )
}

/** What else paths call the parameter that stands for an item of a place: `versionNumber` beside `versionId`. */
const twinNames = ({ param = '' }: Place, parameters: readonly Parameter[]): ReadonlySet<string> => {
  const names = new Set(parameters.map(({ name }) => normalizeName(name)))
  names.delete(normalizeName(param))
  return names
}

const namedBesides = (parameters: readonly Parameter[]): ReadonlySet<string> =>
  new Set(
    parameters.flatMap(({ raw }) =>
      [...String(raw.description ?? '').matchAll(EITHER_SENTENCE)].flatMap(([, one = '', other = '']) =>
        [one, other].map(normalizeName),
      ),
    ),
  )

function memberNamed(item: JsonObject, wanted: readonly string[]): unknown {
  for (const name of wanted) {
    const own = Object.keys(item).find((candidate) => normalizeName(candidate) === name)
    if (own !== undefined) return item[own]
  }
  return undefined
}

const AMOUNTS: ReadonlySet<string> = new Set(['version', 'value'])

function furtherIds(
  forms: Forms,
  slots: readonly Slot[],
  isOwnId: (slot: Slot) => boolean,
  isOther: (slot: Slot) => boolean,
): readonly (readonly string[])[] {
  const wanted: ReadonlySet<string> = new Set<string>([...ID_ENDINGS, ...NAME_MEMBERS])
  return slots
    .filter((slot) => {
      if (!wanted.has(slot.normalized) && !isOther(slot)) return false
      const types = forms.types(slot.schema)
      const isScalar = types === undefined || types.has('string') || types.has('integer')
      // How often a thing was changed, and what it is worth, say nothing of which one it is.
      const isAmount = types?.has('integer') === true && AMOUNTS.has(slot.normalized)
      const isWanted = wanted.has(slot.normalized) && !isAmount
      return (isWanted || isOther(slot)) && isScalar && !isOwnId(slot)
    })
    .map(({ path }) => path)
}
