// What `$dynamicRef` means where it stands (JSON Schema 2020-12, section 8.2.3.2): of all schemas that references have
// led through, the outermost that declares the anchor.

import { isNested, isObject, type JsonObject, segmentsOf, stringMember } from '../json.js'

/** The schemas that anchors stand for at one place. */
export interface DynamicScope {
  /** The same for scopes that are the same. */
  readonly key: string
  readonly anchors: ReadonlyMap<string, JsonObject>
}

export interface DynamicScopes {
  /** Where nothing has been followed yet. */
  readonly outermost: DynamicScope
  /** The scope within a schema that a reference in another scope leads to. */
  within(scope: DynamicScope, resource: unknown): DynamicScope
  /** The schema with all that belongs to it: what the anchors of a reference are looked up in. */
  resourceOf(reference: string, target: unknown): unknown
}

/** Documents that bind anchors in more ways than that are bound to be an attack. */
const MAX_SCOPES = 1_000

export function createDynamicScopes(root: JsonObject): DynamicScopes {
  const outermost: DynamicScope = { key: '', anchors: new Map() }
  const scopes = new Map<string, DynamicScope>([['', outermost]])
  const declared = new WeakMap<object, ReadonlyMap<string, JsonObject>>()
  const numbers = new WeakMap<object, number>()
  let count = 0

  const numberOf = (node: object): number => {
    const number = numbers.get(node) ?? count++
    numbers.set(node, number)
    return number
  }
  const anchorsOf = (resource: JsonObject): ReadonlyMap<string, JsonObject> => {
    const anchors = declared.get(resource) ?? anchorsIn(resource)
    declared.set(resource, anchors)
    return anchors
  }

  return {
    outermost,
    within(scope, resource) {
      if (!isObject(resource)) return scope
      const added = [...anchorsOf(resource)].filter(([name]) => !scope.anchors.has(name))
      if (added.length === 0) return scope
      const key = `${scope.key} ${added.map(([name, node]) => `${name}=${numberOf(node)}`).join(' ')}`
      const known = scopes.get(key)
      if (known !== undefined || scopes.size >= MAX_SCOPES) return known ?? scope
      const inner = { key, anchors: new Map([...scope.anchors, ...added]) }
      scopes.set(key, inner)
      return inner
    },
    resourceOf(reference, target) {
      if (!reference.startsWith('#/')) return target
      let [at, found]: [unknown, unknown] = [root, undefined]
      for (const [index, segment] of segmentsOf(reference.slice(1)).entries()) {
        at = isNested(at) ? (at as JsonObject)[segment] : undefined
        // Without an `$id` a named schema is taken for a resource by itself, as authors mean it.
        const isNamed = COMPONENT.test(reference.split('/', index + 2).join('/'))
        if (isNamed || stringMember(at, '$id') !== undefined) found = at
      }
      return found ?? target
    },
  }
}

const COMPONENT = /^#\/(components\/schemas|definitions)\/[^/]+$/

/** The dynamic anchors of a schema and its parts, without those of other resources within. */
function anchorsIn(resource: JsonObject): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  const queue: object[] = [resource]
  for (const node of queue) {
    if (node !== resource && stringMember(node, '$id') !== undefined) continue
    const anchor = stringMember(node, '$dynamicAnchor')
    if (anchor !== undefined && isObject(node) && !found.has(anchor)) found.set(anchor, node)
    for (const child of Object.values(node)) if (isNested(child)) queue.push(child)
  }
  return found
}
