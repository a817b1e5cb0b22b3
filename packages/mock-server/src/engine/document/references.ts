// Where the references of a document stand.

import { escapeSegment, isObject } from '../json.js'

/** One `$ref`, or one value of a discriminator's `mapping` that looks like one. */
export interface Reference {
  readonly holder: object
  readonly name: string
  /** As it is written. */
  readonly target: string
  /** JSON pointer of the reference itself. */
  readonly pointer: string
}

// Examples may hold anything, also things that look like references.
const OPAQUE = new Set(['example', 'examples', 'default', 'enum', 'const', 'value'])

// What the members of these are called is the author's choice: a property may be named `value`, a response `default`.
const NAMED_BY_AUTHOR = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'schemas'],
  ...['responses', 'parameters', 'requestBodies', 'headers', 'links', 'callbacks', 'pathItems', 'encoding'],
])

/**
 * Calls back for every reference below a node that is at `pointer`, in the order of the document.
 *
 * @param seen nodes that are passed over: aliases make one appear in several places, its references are told once.
 */
export function eachReference(
  tree: unknown,
  pointer: string,
  seen: WeakSet<object>,
  visit: (reference: Reference) => void,
): void {
  const stack: { node: unknown; pointer: string; named?: boolean }[] = [{ node: tree, pointer }]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { node: holder, named = false } = at
    if (holder === null || typeof holder !== 'object' || seen.has(holder)) continue
    seen.add(holder)
    // Backwards, as the stack gives back last what was put there first.
    for (const [name, child] of Object.entries(holder).reverse()) {
      const pointer = `${at.pointer}/${escapeSegment(name)}`
      if (name === '$ref' && typeof child === 'string') visit({ holder, name, target: child, pointer })
      else if (named) stack.push({ node: child, pointer })
      else if (name === 'mapping' && isObject(child)) {
        for (const [value, target] of Object.entries(child)) {
          if (typeof target !== 'string' || !/#|\.(json|ya?ml)$/.test(target)) continue
          visit({ holder: child, name: value, target, pointer })
        }
      } else if (
        !name.startsWith('x-') &&
        (!OPAQUE.has(name) || (name === 'examples' && !Array.isArray(child)))
      ) {
        stack.push({ node: child, pointer, named: NAMED_BY_AUTHOR.has(name) })
      }
    }
  }
}
