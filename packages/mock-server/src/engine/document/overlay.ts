// Overlays: changes to a document that are kept in files of their own (OpenAPI Overlay 1.0 and 1.1). Loaded only for a
// document that has one.

import { JSONPathEnvironment, JSONPathError, type JSONValue } from 'json-p3'
import { arrayMember, isNested, isObject, type JsonObject, member, setMember, stringMember } from '../json.js'
import { DocumentError, firstLine, type Warning } from './document-error.js'
import { MAX_DEPTH } from './tree.js'

export interface Overlay {
  /** What it is called in messages. */
  readonly name: string
  readonly tree: unknown
}

type Location = readonly (string | number)[]
type Path = { readonly location: Location; readonly value: unknown }
type Fail = (reason: string) => never

/**
 * Changes a document by the actions of an overlay, in their order.
 *
 * @returns a warning for each action that selects nothing.
 * @throws DocumentError that names the action which cannot be carried out.
 */
export function applyOverlay(root: JsonObject, { name, tree }: Overlay): readonly Warning[] {
  const version = stringMember(tree, 'overlay')
  if (version === undefined || !/^1\.[01](\.|$)/.test(version)) {
    const found =
      version === undefined ? '"overlay" must be 1.0.0 or 1.1.0' : `overlay ${version} is not supported`
    throw new DocumentError('overlay', `${name}: not an overlay: ${found}`)
  }
  if (arrayMember(tree, 'actions').length === 0)
    throw new DocumentError('overlay', `${name}: "actions" must be a list of at least one action`)
  return arrayMember(tree, 'actions').flatMap((action, index) => {
    const fail: Fail = (reason) => {
      throw new DocumentError('overlay', `${name}: actions[${index}]: ${reason}`)
    }
    const target = stringMember(action, 'target') ?? fail('needs a "target"')
    const selected = select(root, target, fail)
    if (selected.length === 0)
      return [{ pointer: '', message: `${name}: actions[${index}] selects nothing with ${target}` }]
    if (member(action, 'remove') === true) removeAll(root, selected, fail)
    else {
      const value = updateOf(root, action, fail)
      for (const path of selected) update(root, path, value, fail)
    }
    return []
  })
}

const environment = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH })

/** Each node once, in the order in which the expression selects them. */
function select(root: JsonObject, expression: string, fail: Fail): readonly Path[] {
  try {
    const { nodes } = environment.query(expression, root as JSONValue)
    return [
      ...new Map(
        nodes.map(({ location, value }) => [JSON.stringify(location), { location, value }]),
      ).values(),
    ]
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error
    return fail(`${expression} is not a JSONPath of RFC 9535: ${firstLine(error.message)}`)
  }
}

/** What an action updates its targets with: a value of its own, or a copy of what is elsewhere in the document. */
function updateOf(root: JsonObject, action: unknown, fail: Fail): unknown {
  const own = member(action, 'update')
  if (own !== undefined) return own
  const expression = stringMember(action, 'copy') ?? fail('needs "update", "copy" or "remove: true"')
  const found = select(root, expression, fail)
  if (found.length !== 1) fail(`"copy" must select one node, and ${expression} selects ${found.length}`)
  return structuredClone(found[0]?.value)
}

/** Places are found before any is removed, and the last of a list goes first: what is left moves up. */
function removeAll(root: JsonObject, selected: readonly Path[], fail: Fail): void {
  const places = selected.map(
    ({ location }) => parentOf(root, location) ?? fail('the whole document cannot be removed'),
  )
  const indexOf = ({ parent, name }: Place) => (Array.isArray(parent) ? Number(name) : -1)
  for (const { parent, name } of places.toSorted((a, b) => indexOf(b) - indexOf(a))) {
    if (Array.isArray(parent)) parent.splice(Number(name), 1)
    else Reflect.deleteProperty(parent, name)
  }
}

function update(root: JsonObject, { location, value: target }: Path, value: unknown, fail: Fail): void {
  if (Array.isArray(target)) target.push(...structuredClone(Array.isArray(value) ? value : [value]))
  else if (isObject(target)) {
    if (!isObject(value)) fail('selects an object, which only an object can be merged with')
    merge(target, value, '', fail)
  } else {
    if (isNested(value)) fail('selects a plain value, which only a plain value can replace')
    const place = parentOf(root, location)
    if (place !== undefined) setMember(place.parent, String(place.name), value)
  }
}

function merge(target: object, value: unknown, path: string, fail: Fail): void {
  if (!isObject(value)) return
  for (const [name, next] of Object.entries(value)) {
    const before = member(target, name)
    const place = `${path}.${name}`
    if (before === undefined || (!isNested(before) && !isNested(next)))
      setMember(target, name, structuredClone(next))
    else if (Array.isArray(before) && Array.isArray(next)) before.push(...structuredClone(next))
    else if (isObject(before) && isObject(next)) merge(before, next, place, fail)
    else fail(`${place.slice(1)} is of another kind in the document, so that the two cannot be merged`)
  }
}

interface Place {
  readonly parent: object
  readonly name: string
}

function parentOf(root: JsonObject, location: Location): Place | undefined {
  const name = location.at(-1)
  const parent = location.slice(0, -1).reduce<unknown>((node, step) => member(node, String(step)), root)
  return name === undefined || !isNested(parent) ? undefined : { parent, name: String(name) }
}
