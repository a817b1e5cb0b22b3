// Finds the operation for a method and a path: a tree of segments, literal before templated, base paths with or
// without. Segments are matched by search for their literal parts, so no path can make it backtrack for long.

import type { Operation } from '../document/operation.js'
import { type Rival, spelledPairs } from './rivals.js'

/** `rivals` are operations among which the rest of the request decides; nearly always none. */
export type Match =
  | {
      readonly kind: 'found'
      readonly operation: Operation
      readonly params: Readonly<Record<string, string>>
      readonly basePath: string
      readonly rivals: readonly Rival[]
    }
  | { readonly kind: 'wrong_method'; readonly allow: readonly string[]; readonly rivals: readonly Rival[] }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed' }

export interface Router {
  /** @param path the raw path of a request target, without its query. */
  match(method: string, path: string, query: string): Match
}

interface Route {
  readonly operation: Operation
  /** Query parameters that the template itself spells out, as `/x?action=start` does. */
  readonly query: readonly string[]
  readonly names: readonly string[]
}

interface Node {
  readonly literals: Map<string, Node>
  readonly templates: { readonly segment: Template; readonly node: Node }[]
  readonly routes: Map<string, Route[]>
}

/** A segment with parameters: literal text around and between them; `parts` has one more entry than parameters. */
interface Template {
  readonly text: string
  readonly parts: readonly string[]
}

const createNode = (): Node => ({ literals: new Map(), templates: [], routes: new Map() })
const BRACES = /\{[^{}]+\}/g

/** @param accepts which of several operations with one and the same template is meant, by the values in the path. */
export function createRouter(
  operations: readonly Operation[],
  accepts: (operation: Operation, params: Readonly<Record<string, string>>) => boolean = () => true,
): Router {
  const root = createNode()
  const basePaths = [...new Set(operations.flatMap((operation) => operation.basePaths))]
    .filter((path) => path !== '')
    .sort((a, b) => b.length - a.length)

  for (const operation of operations) {
    const [path = ''] = operation.path.split(/[?#]/)
    const { query } = spelledPairs(operation.path)
    let node = root
    const names: string[] = []
    for (const segment of segmentsOf(path)) {
      const own = [...segment.matchAll(BRACES)].map(([match]) => match.slice(1, -1))
      names.push(...own)
      node = own.length === 0 ? literalChild(node, segment) : templateChild(node, segment)
    }
    const routes = node.routes.get(operation.method) ?? []
    routes.push({ operation, query, names })
    routes.sort((a, b) => b.query.length - a.query.length)
    node.routes.set(operation.method, routes)
  }

  const find = (method: string, segments: readonly string[], query: string) => {
    const allow = new Set<string>()
    const values: string[] = []
    let rivals: readonly Rival[] = NO_RIVALS
    const visit = (node: Node, depth: number): { route: Route; values: string[] } | undefined => {
      const segment = segments[depth]
      if (segment === undefined) {
        const routes = routesFor(node, method, query)
        if (rivals === NO_RIVALS) rivals = rivalsIn(node, method, values)
        const isMeant = (one: Route) => accepts(one.operation, paramsOf(one, values))
        const route = routes.length > 1 ? (routes.find(isMeant) ?? routes[0]) : routes[0]
        if (route !== undefined) return { route, values: [...values] }
        for (const name of node.routes.keys()) allow.add(name)
        return undefined
      }
      const literal = node.literals.get(segment)
      const found = literal === undefined ? undefined : visit(literal, depth + 1)
      if (found !== undefined) return found
      for (const { segment: template, node: child } of node.templates) {
        const captured = capture(template, segment)
        if (captured === undefined) continue
        values.push(...captured)
        const deeper = visit(child, depth + 1)
        if (deeper !== undefined) return deeper
        values.length -= captured.length
      }
      return undefined
    }
    const found = visit(root, 0)
    return { found, allow, rivals }
  }

  return {
    match(method, path, query) {
      const allow = new Set<string>()
      let rivals = NO_RIVALS
      const candidates = basePaths.filter((base) => path === base || path.startsWith(`${base}/`))
      for (const basePath of [...candidates, '']) {
        const segments = decodeSegments(path.slice(basePath.length))
        if (segments === undefined) return { kind: 'malformed' }
        const result = find(method, segments, query)
        if (result.found !== undefined) {
          const { route, values } = result.found
          return {
            kind: 'found',
            operation: route.operation,
            params: paramsOf(route, values),
            basePath,
            rivals: result.rivals,
          }
        }
        for (const name of result.allow) allow.add(name)
        if (rivals === NO_RIVALS) rivals = result.rivals
      }
      if (allow.size === 0) return { kind: 'unknown' }
      if (allow.has('GET')) allow.add('HEAD')
      return { kind: 'wrong_method', allow: [...allow, 'OPTIONS'].sort(), rivals }
    },
  }
}

/** Without the slash at the end, which no API means. */
function segmentsOf(path: string): string[] {
  const trimmed = path.startsWith('/') ? path.slice(1) : path
  const segments = trimmed.split('/')
  if (segments.at(-1) === '') segments.pop()
  return segments
}

function decodeSegments(path: string): string[] | undefined {
  const segments = segmentsOf(path)
  if (!path.includes('%')) return segments
  try {
    return segments.map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment))
  } catch {
    return undefined
  }
}

function literalChild(node: Node, segment: string): Node {
  const key = segment.includes('%') ? (decodeSegments(segment)?.[0] ?? segment) : segment
  const child = node.literals.get(key) ?? createNode()
  node.literals.set(key, child)
  return child
}

function templateChild(node: Node, segment: string): Node {
  const parts = segment.split(BRACES)
  const text = parts.join('{}')
  const known = node.templates.find((candidate) => candidate.segment.text === text)
  if (known !== undefined) return known.node
  const child = createNode()
  node.templates.push({ segment: { text, parts }, node: child })
  // The more literal text a template has, the more exactly it describes a segment.
  node.templates.sort((a, b) => b.segment.text.length - a.segment.text.length)
  return child
}

/** The parameter values of a segment; each takes as little as it can, the last one the rest. Linear time. */
function capture({ parts }: Template, segment: string): string[] | undefined {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  if (!segment.startsWith(first) || !segment.endsWith(last)) return undefined
  const end = segment.length - last.length
  let at = first.length
  const values: string[] = []
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] ?? ''
    const isLast = i === parts.length - 1
    const next = isLast ? end : part === '' ? at + 1 : segment.indexOf(part, at + 1)
    if (next <= at || next > end) return undefined
    values.push(segment.slice(at, next))
    at = next + part.length
  }
  return values
}

const paramsOf = ({ names }: Route, values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))

const NO_RIVALS: readonly Rival[] = []

/** All operations of a method here, where paths that differ in their query or fragment share the node. */
function rivalsIn(node: Node, method: string, values: readonly string[]): readonly Rival[] {
  const routes = node.routes.get(method) ?? NO_ROUTES
  if (!routes.some(({ operation }) => /[?#]/.test(operation.path))) return NO_RIVALS
  if (routes.length === 1 && routes[0]?.query.length === 0) return NO_RIVALS
  return routes.map((route) => ({ operation: route.operation, params: paramsOf(route, values) }))
}

const NO_ROUTES: readonly Route[] = []

/** Those that ask for the most in the query first. */
function routesFor(node: Node, method: string, query: string): readonly Route[] {
  const routes = node.routes.get(method) ?? (method === 'HEAD' ? node.routes.get('GET') : undefined)
  if (routes === undefined) return NO_ROUTES
  const [only] = routes
  if (routes.length === 1 && only?.query.length === 0) return routes
  const pairs = new Set(query.split('&'))
  const asked = routes.filter((route) => route.query.every((pair) => pairs.has(pair)))
  return asked.filter((route) => route.query.length === asked[0]?.query.length)
}
