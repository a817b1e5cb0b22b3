// An OpenAPI document of any version as one internal form: operations whose parts are read when first needed.
// References stay references; nothing here walks or compiles a schema.

import { METHODS as HTTP_METHODS } from 'node:http'
import { didYouMean } from '@gosend/options'
import {
  arrayMember,
  entriesOf,
  escapeSegment,
  isNested,
  isObject,
  type JsonObject,
  lazy,
  member,
  segmentsOf,
  stringMember,
} from '../json.js'
import { FILES } from './bundle.js'
import type { Dialect } from './dialect.js'
import { DocumentError, type Warning } from './document-error.js'
import { createExternalValues } from './external-values.js'
import { operationHintFaults, parameterHintFaults } from './hints.js'
import { createOperation, type DocumentContext, type Operation, templateNames } from './operation.js'
import { describesOutgoing, lazyOutgoing, type Outgoing } from './outgoing.js'
import { eachReference, type Reference } from './references.js'
import type { Access } from './resources.js'
import { readSource, type Source, type Spec, sourceOfObject } from './source.js'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const
const MAX_REFERENCES = 64

export interface ApiDocument {
  readonly title: string
  readonly version: string
  readonly dialect: Dialect
  readonly root: JsonObject
  readonly source: Source
  readonly operations: readonly Operation[]
  /** The requests that the API sends, read when first called; undefined when the document describes none. */
  readonly outgoing: (() => Outgoing) | undefined
  readonly warnings: readonly Warning[]
  /** A warning for each reference that leads nowhere, at its first place; walks the document when first called. */
  readonly dangling: () => readonly Warning[]
  /** Follows references until something else is found; undefined when they lead nowhere or in a circle. */
  readonly deref: (node: unknown) => unknown
  readonly resolvePointer: (pointer: string) => unknown
}

/**
 * Reads a document with all that its references lead to.
 *
 * @param mount the path that it is served below.
 * @throws DocumentError when no sensible reading exists.
 */
export const readApiDocument = async (
  spec: Spec,
  access: Access = {},
  mount?: string | undefined,
): Promise<ApiDocument> => documentOf(await readSource(spec, access), mount)

/** Takes an object as a document. @throws DocumentError when no sensible reading exists. */
export const loadDocument = (spec: object): ApiDocument => documentOf(sourceOfObject(spec), undefined)

function documentOf(source: Source, mount: string | undefined): ApiDocument {
  const { root, name } = source
  const warnings: Warning[] = [...source.warnings]
  const warn = (pointer: string, message: string) => void warnings.push({ pointer, message })
  const dialect = dialectOf(root, name, warn)

  const resolvePointer = createResolver(root)
  const externalValues = createExternalValues(source)
  const deref = (node: unknown): unknown => {
    let at = node
    for (let hops = 0; isObject(at) && typeof at.$ref === 'string'; hops++) {
      if (hops >= MAX_REFERENCES || !at.$ref.startsWith('#')) return undefined
      const target = resolvePointer(at.$ref.slice(1))
      const siblings = Object.keys(at).length > 1 && dialect === 'openapi-3.1'
      at = siblings && isObject(target) ? { ...target, ...at, $ref: target.$ref } : target
    }
    return at
  }

  const context: DocumentContext = { root, dialect, mount, deref, externalValues }
  const operations = operationsOf(context, warn)
  const outgoing = describesOutgoing(root, operations) ? lazyOutgoing(context, operations) : undefined
  if (operations.length === 0 && outgoing === undefined) warn('/paths', 'describes no operation')
  checkOperations(operations, warn)
  checkHints(root, '', warn)

  return {
    title: stringMember(root.info, 'title') ?? 'Untitled API',
    version: String(member(root.info, 'version') ?? ''),
    dialect,
    root,
    source,
    operations,
    outgoing,
    warnings,
    dangling: lazy(() => [
      ...(outgoing?.().faults ?? []),
      ...danglingIn(source, deref, resolvePointer),
      ...externalValues.missing(),
      ...undeclaredSchemes(operations, root),
    ]),
    deref,
    resolvePointer,
  }
}

type Warn = (pointer: string, message: string) => void

function operationsOf(context: DocumentContext, warn: Warn): readonly Operation[] {
  const { root, deref } = context
  return pathItemsOf(root, deref).flatMap(([path, node]) => {
    if (path.startsWith('x-')) return []
    const pointer = `/paths/${escapeSegment(path)}`
    const item = deref(node)
    if (!isObject(item)) warn(pointer, 'is not a path item; the path is not served')
    else if (!path.startsWith('/')) warn(pointer, 'does not begin with a slash; the path is not served')
    else {
      checkHints(item, pointer, warn)
      return [
        ...METHODS.map((method) => [method, item[method], `${pointer}/${method}`] as const),
        ...furtherOperations(item, pointer, warn),
      ].flatMap(([method, node, at]) => {
        const operation = deref(node)
        const place = { item, path, method, pointer: at }
        if (!isObject(operation)) return []
        checkHints(operation, place.pointer, warn)
        return [createOperation(operation, place, context)]
      })
    }
    return []
  })
}

/** The path items of a document, also of one that keeps them all elsewhere: `paths: { $ref: … }`. */
function pathItemsOf(root: JsonObject, deref: ApiDocument['deref']): readonly [string, unknown][] {
  const { $ref, ...own } = isObject(root.paths) ? root.paths : {}
  const further = typeof $ref === 'string' ? deref({ $ref }) : undefined
  return Object.entries({ ...(isObject(further) ? further : {}), ...own })
}

/** Operations of methods that have no member of their own in a path (OpenAPI 3.2, section 4.8.1). */
function furtherOperations(
  item: JsonObject,
  pointer: string,
  warn: Warn,
): readonly (readonly [method: string, node: unknown, pointer: string])[] {
  return entriesOf(item, 'additionalOperations').flatMap(([method, node]) => {
    const at = `${pointer}/additionalOperations/${escapeSegment(method)}`
    if (HTTP_METHODS.includes(method)) return [[method, node, at] as const]
    warn(at, 'is of a method that Node receives no requests of; the operation is not served')
    return []
  })
}

function dialectOf(root: JsonObject, name: string, warn: Warn): Dialect {
  const { openapi, swagger } = root
  if (swagger === 2) warn('/swagger', 'is a number; write it in quotes')
  if (swagger === '2.0' || swagger === 2) return 'swagger-2.0'
  const version = versionOf(openapi, name, warn)
  if (/^3\.0(\.|$)/.test(version)) return 'openapi-3.0'
  if (/^3\.[1-9]/.test(version)) {
    if (!/^3\.[12](\.|$)/.test(version)) warn('/openapi', `${version} is read as 3.2`)
    return 'openapi-3.1'
  }
  throw new DocumentError(
    'not_openapi',
    `${name}: OpenAPI ${version} is not supported (2.0, 3.0, 3.1 and 3.2 are)`,
  )
}

function versionOf(openapi: unknown, name: string, warn: Warn): string {
  if (typeof openapi === 'string') return openapi
  if (typeof openapi === 'number' && openapi !== 3) {
    warn('/openapi', 'is a number; write it in quotes')
    return String(openapi)
  }
  const found =
    openapi === undefined ? 'neither "openapi" nor "swagger" is there' : '"openapi" must be a string'
  throw new DocumentError('not_openapi', `${name}: not an OpenAPI document: ${found}`)
}

/**
 * Finds nodes by pointer or anchor; anchors are collected when the first one is looked up. What a pointer leads to is kept:
 * each schema of a long chain asks for all that are behind it.
 */
function createResolver(root: JsonObject): (pointer: string) => unknown {
  const anchors = lazy(() => anchorsIn(root))
  const found = new Map<string, unknown>()
  return (pointer) => {
    if (pointer !== '' && !pointer.startsWith('/')) return anchors().get(pointer)
    if (found.has(pointer)) return found.get(pointer)
    let at: unknown = root
    for (const segment of segmentsOf(pointer)) at = member(followInside(at, pointer, root), segment)
    found.set(pointer, at)
    return at
  }
}

function anchorsIn(root: JsonObject): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  const stack: unknown[] = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!isNested(node)) continue
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const anchor = stringMember(node, key)
      if (anchor !== undefined && !found.has(anchor)) found.set(anchor, node)
    }
    for (const child of Object.values(node)) if (isNested(child)) stack.push(child)
  }
  return found
}

/** Follows a reference in the middle of a pointer, as most resolvers do. */
function followInside(node: unknown, pointer: string, root: JsonObject): unknown {
  let at = node
  for (let hops = 0; hops < MAX_REFERENCES; hops++) {
    const reference = stringMember(at, '$ref')
    if (reference === undefined || !reference.startsWith('#/') || reference === `#${pointer}`) break
    at = segmentsOf(reference.slice(1)).reduce<unknown>((parent, name) => member(parent, name), root)
  }
  return at
}

function danglingIn(
  { root, spell }: Source,
  deref: ApiDocument['deref'],
  resolvePointer: ApiDocument['resolvePointer'],
): Warning[] {
  const warnings = new Map<string, Warning | undefined>()
  const visit = ({ target, pointer }: Reference) => {
    // The source warns of files that do not exist.
    if (warnings.has(target) || !target.startsWith('#')) return
    const leadsNowhere = deref({ $ref: target }) === undefined && !leadsOut(target, resolvePointer)
    const message = () => `${spell(target)} ${nowhere(target, resolvePointer)}`
    warnings.set(target, leadsNowhere ? { pointer, message: message() } : undefined)
  }
  const seen = new WeakSet<object>()
  eachReference(root, '', seen, visit)
  eachReference(root[FILES], `/${FILES}`, seen, visit)
  return [...warnings.values()].filter((warning) => warning !== undefined)
}

/** Names of security schemes that the document does not have: each leaves its operations open. */
function undeclaredSchemes(operations: readonly Operation[], root: JsonObject): Warning[] {
  const declared = member(root.components, 'securitySchemes') ?? root.securityDefinitions
  const names = isObject(declared) ? Object.keys(declared) : []
  const warnings = new Map<string, Warning>()
  for (const { pointer, security } of operations)
    for (const { scheme } of security().flat()) {
      const { name, type } = scheme
      if (type !== 'unknown' || names.includes(name) || warnings.has(name)) continue
      const message = `needs the security scheme ${JSON.stringify(name)}, which is not declared, so that any request passes${didYouMean(name, names)}`
      warnings.set(name, { pointer, message })
    }
  return [...warnings.values()]
}

function nowhere(target: string, resolvePointer: ApiDocument['resolvePointer']): string {
  const segments = segmentsOf(target.slice(1))
  const name = segments.at(-1) ?? ''
  const siblings = resolvePointer(target.slice(1, target.lastIndexOf('/')))
  const hint =
    isObject(siblings) && !Object.hasOwn(siblings, name) ? didYouMean(name, Object.keys(siblings)) : ''
  return `leads nowhere, so that anything is accepted there${hint}`
}

/** Whether a reference leads to one that is not followed: the source warns of that one. */
function leadsOut(target: string, resolvePointer: ApiDocument['resolvePointer']): boolean {
  let at: string | undefined = target
  for (let hops = 0; at?.startsWith('#') && hops < MAX_REFERENCES; hops++)
    at = stringMember(resolvePointer(at.slice(1)), '$ref')
  return at !== undefined && !at.startsWith('#')
}

/** Hints of a node and of the parameters that it lists, or that it keeps for all operations. */
function checkHints(node: JsonObject, pointer: string, warn: Warn): void {
  for (const fault of operationHintFaults(node)) warn(pointer, fault)
  // Swagger 2.0 keeps shared parameters by name, where an operation lists its own.
  const own = isObject(node.parameters) ? [] : arrayMember(node, 'parameters').entries()
  const shared = [...entriesOf(node, 'parameters'), ...entriesOf(node.components, 'parameters')]
  const place = isObject(node.components) ? '/components/parameters' : '/parameters'
  for (const [index, parameter] of own)
    for (const fault of parameterHintFaults(parameter)) warn(`${pointer}/parameters/${index}`, fault)
  for (const [name, parameter] of shared)
    for (const fault of parameterHintFaults(parameter))
      warn(`${pointer}${place}/${escapeSegment(name)}`, fault)
}

/** Checks what the names of the operations show, without reading their parts. */
function checkOperations(operations: readonly Operation[], warn: Warn): void {
  const seen = new Map<string, string>()
  for (const { operationId, pointer, path } of operations) {
    if (operationId !== undefined) {
      const first = seen.get(operationId)
      if (first !== undefined) warn(pointer, `repeats the operationId ${JSON.stringify(operationId)}`)
      seen.set(operationId, pointer)
    }
    const names = templateNames(path)
    if (new Set(names).size < names.length) warn(pointer, 'uses one path parameter twice')
    if (/[{}]/.test(path.replace(/\{[^{}]+\}/g, ''))) warn(pointer, 'has unbalanced braces in its path')
  }
}
