// Where the references of a document stand.

import { escapeSegment, isNested, isObject } from '../json.js'

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
 * @param seen nodes that are passed over: an alias makes a node appear in several places, but its references are reported once.
 */
export function eachReference(
  tree: unknown,
  pointer: string,
  seen: WeakSet<object>,
  visit: (reference: Reference) => void,
): void {
  const stack: Node[] = [{ node: tree, pointer, isNamed: false }]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { node } = at
    if (!isNested(node) || seen.has(node)) continue
    seen.add(node)
    // Backwards, because the stack returns the last one first.
    for (const [name, child] of Object.entries(node).reverse()) {
      const below = visitMember(node, name, child, at, visit)
      if (below !== undefined) stack.push(below)
    }
  }
}

/** Visits the references in one member. Returns the member if more can be below it. */
function visitMember(
  holder: object,
  name: string,
  child: unknown,
  at: Node,
  visit: (reference: Reference) => void,
): Node | undefined {
  const pointer = `${at.pointer}/${escapeSegment(name)}`
  if (name === '$ref' && typeof child === 'string') visit({ holder, name, target: child, pointer })
  else if (at.isNamed) return { node: child, pointer, isNamed: false }
  else if (name === 'mapping' && isObject(child)) visitMapping(child, pointer, visit)
  else if (!isOpaque(name, child)) return { node: child, pointer, isNamed: NAMED_BY_AUTHOR.has(name) }
  return undefined
}

interface Node {
  readonly node: unknown
  readonly pointer: string
  /** Whether the author chose the names of its members. */
  readonly isNamed: boolean
}

const isOpaque = (name: string, child: unknown): boolean =>
  name.startsWith('x-') || (OPAQUE.has(name) && !(name === 'examples' && !Array.isArray(child)))

function visitMapping(
  mapping: Readonly<Record<string, unknown>>,
  pointer: string,
  visit: (reference: Reference) => void,
): void {
  for (const [name, target] of Object.entries(mapping)) {
    if (typeof target !== 'string' || !/#|\.(json|ya?ml)$/.test(target)) continue
    visit({ holder: mapping, name, target, pointer })
  }
}
