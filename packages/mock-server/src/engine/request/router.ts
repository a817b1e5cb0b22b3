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

/** Which of several operations with one and the same template is meant, by the values in the path. */
type Accepts = (operation: Operation, params: Readonly<Record<string, string>>) => boolean

/** Whether a document lists a value of a parameter in the path, word by word. */
type Lists = (operation: Operation, name: string, value: string) => boolean

export function createRouter(
  operations: readonly Operation[],
  accepts: Accepts = () => true,
  lists: Lists = () => false,
): Router {
  const root = createNode()
  const basePaths = [...new Set(operations.flatMap((operation) => operation.basePaths))]
    .filter((path) => path !== '')
    .sort((a, b) => b.length - a.length)
    .concat('')

  for (const operation of operations) addRoute(root, operation)

  /** What paths without parameters lead to, where nothing else of a request counts. */
  const plain = new Map<string, Match>()

  const isBelow = (path: string, base: string): boolean =>
    base === '' || path === base || path.startsWith(`${base}/`)

  const remember = (method: string, path: string, match: Match): void => {
    // The same may be written in as many ways as clients like.
    if (plain.size < MAX_PLAIN) plain.set(`${method} ${path}`, match)
  }

  /** What the first of several base paths leads to. @param misses gets what was come across on the way. */
  const firstAt = (asked: Asked, path: string, misses: Miss[]): Match | undefined => {
    for (const basePath of basePaths) {
      if (!isBelow(path, basePath)) continue
      const segments = decodeSegments(path.slice(basePath.length))
      if (segments === undefined) return { kind: 'malformed' }
      const search = searchFor(asked, segments)
      const found = visit(root, 0, search)
      misses.push(search)
      if (found === undefined) continue
      const { operation, names } = found
      const params = paramsOf(found, search.values)
      const match: Match = { kind: 'found', operation, params, basePath, rivals: search.rivals }
      if (names.length === 0 && search.isPlain) remember(asked.method, path, match)
      return match
    }
    return undefined
  }

  const find = (method: string, path: string, query: string): Match => {
    const misses: Miss[] = []
    // A value with slashes is looked for last: a path that spells them is nearer.
    for (const isOpenEnded of [false, true]) {
      const found = firstAt({ method, query, accepts, lists, isOpenEnded }, path, misses)
      if (found !== undefined) return found
      if (misses.some(({ allow }) => allow.length > 0)) break
    }
    return missed(misses)
  }

  return { match: (method, path, query) => plain.get(`${method} ${path}`) ?? find(method, path, query) }
}

/** What a search is told of a request. */
type Asked = Pick<Search, 'method' | 'query' | 'accepts' | 'lists' | 'isOpenEnded'>

const searchFor = (asked: Asked, segments: readonly string[]): Search => ({
  ...asked,
  segments,
  values: [],
  allow: [],
  rivals: NO_RIVALS,
  isPlain: true,
})

function addRoute(root: Node, operation: Operation): void {
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

/** What a search that found nothing has come across. */
interface Miss {
  readonly allow: readonly string[]
  readonly rivals: readonly Rival[]
}

/** A search for the route of one request below one base path. */
interface Search {
  readonly method: string
  readonly segments: readonly string[]
  readonly query: string
  readonly accepts: Accepts
  readonly lists: Lists
  /** Whether a last parameter that may hold slashes takes the rest of the path. */
  readonly isOpenEnded: boolean
  /** Of the path's parameters on the way to where the search is, and at its end those of the route that was found. */
  readonly values: string[]
  /** Methods of the paths that fit. */
  readonly allow: string[]
  /** Of the first path that fits. */
  rivals: readonly Rival[]
  /** Whether the method and the path say all. */
  isPlain: boolean
}

function visit(node: Node, depth: number, search: Search): Route | undefined {
  const segment = search.segments[depth]
  if (segment === undefined) return routeAt(node, search)
  const literal = node.literals.get(segment)
  const at = search.values.length
  const found = literal && visit(literal, depth + 1, search)
  if (found === undefined) return visitTemplates(node, segment, depth, search)
  const isPlain = node.templates.length === 0 || search.isOpenEnded || endsInWord(found)
  return isPlain ? found : (visitListed(node, depth, at, search) ?? found)
}

const endsInWord = ({ operation }: Route): boolean => !/\{[^/]*$/.test(operation.path)

/**
 * What a path means that ends in a word of another template, whose parameter may be the word that was found before: of
 * `/packages/{kind}/{name}/summary` where `/packages/helm/{name}/{version}` fits as well, and `helm` is a listed kind.
 * It would be out of reach there. @param at how many values lead to the node.
 */
function visitListed(node: Node, depth: number, at: number, search: Search): Route | undefined {
  const { values, rivals, segments, lists } = search
  const before = values.splice(at)
  const segment = segments[depth] ?? ''
  search.rivals = NO_RIVALS
  const other = visitTemplates(node, segment, depth, search)
  if (other !== undefined && endsInWord(other) && lists(other.operation, other.names[at] ?? '', segment))
    return other
  values.splice(at, values.length, ...before)
  search.rivals = rivals
  return undefined
}

function visitTemplates(node: Node, segment: string, depth: number, search: Search): Route | undefined {
  const { values } = search
  for (const { segment: template, node: child } of node.templates) {
    const captured = capture(template, segment)
    if (captured === undefined) continue
    values.push(...captured)
    const found = visit(child, depth + 1, search)
    if (found !== undefined) return found
    values.length -= captured.length
  }
  return search.isOpenEnded ? restAt(node, depth, search) : undefined
}

/** Parameters that hold paths and names of refs, whose slashes many clients leave as they are: GitHub, GitLab, Gitea, Supabase, S3. */
const WITH_SLASHES =
  /^(file|full|tree|content|object)?[-_]?path$|^(object|file)?[-_]?key$|^(file|object|ref|branch|wildcard|splat)$|^(file|object|ref|branch)[-_]?name$/i

/** The route whose last parameter takes the rest of a path. */
function restAt({ templates }: Node, depth: number, search: Search): Route | undefined {
  const { segments, values } = search
  const child = templates.find(({ segment }) => segment.text === '{}')?.node
  if (child === undefined || depth > segments.length - 2) return undefined
  const own = [...child.routes.values()].flat()
  if (!own.some(({ names }) => WITH_SLASHES.test(names.at(-1) ?? ''))) return undefined
  values.push(segments.slice(depth).join('/'))
  const found = routeAt(child, search)
  if (found === undefined) values.pop()
  return found
}

function routeAt(node: Node, search: Search): Route | undefined {
  const { method, query, values, allow, accepts } = search
  if (search.rivals === NO_RIVALS) search.rivals = rivalsIn(node, method, values)
  const routes = routesFor(node, method, query)
  if (routes.length !== 1 || routes[0]?.query.length !== 0) search.isPlain = false
  const isMeant = (one: Route) => accepts(one.operation, paramsOf(one, values))
  const route = routes.length > 1 ? (routes.find(isMeant) ?? routes[0]) : routes[0]
  if (route === undefined) allow.push(...node.routes.keys())
  return route
}

function missed(misses: readonly Miss[]): Match {
  const allow = new Set(misses.flatMap((miss) => miss.allow))
  if (allow.size === 0) return { kind: 'unknown' }
  if (allow.has('GET')) allow.add('HEAD')
  const rivals = misses.find((miss) => miss.rivals !== NO_RIVALS)?.rivals ?? NO_RIVALS
  return { kind: 'wrong_method', allow: [...allow, 'OPTIONS'].sort(), rivals }
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
  names.length === 0 ? NO_PARAMS : Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))

const NO_PARAMS: Readonly<Record<string, string>> = {}

const NO_RIVALS: readonly Rival[] = []
const MAX_PLAIN = 2_000

/** All operations of a method here, where paths that differ in parameter names, query or fragment share the node. */
function rivalsIn(node: Node, method: string, values: readonly string[]): readonly Rival[] {
  const routes = node.routes.get(method) ?? NO_ROUTES
  if (routes.length === 0 || (routes.length === 1 && routes[0]?.query.length === 0)) return NO_RIVALS
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
