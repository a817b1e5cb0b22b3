// Fills the shape of an error with what went wrong: its objects, lists and maps, down to its single values.

import { isObject, member, normalizeName, setMember } from '../json.js'
import type { Violation } from '../request/violations.js'
import type { Validation } from '../schema/validation.js'
import { type ErrorFacts, type FillContext, type Filled, namesOf, POINTS } from './error-facts.js'
import { fillLeaf } from './error-leaves.js'
import type { MemberRole } from './error-members.js'
import type {
  ErrorChoice,
  ErrorLeaf,
  ErrorList,
  ErrorMap,
  ErrorMember,
  ErrorNode,
  ErrorObject,
} from './error-shapes.js'

export type FillError = (node: ErrorNode, facts: ErrorFacts) => Filled | undefined

const MAX_ENTRIES = 50

export function createErrorFiller(validation: Validation): FillError {
  const fits = (leaf: ErrorLeaf, value: unknown): boolean =>
    mayBe(leaf, value) && (!leaf.isConstrained || validation.ofSchema(leaf.schema)(value).length === 0)
  return (node, facts) => fill(node, { fits, facts, violation: undefined, isEntry: false }, true)
}

/** Whether a value is of a type and among the values that a leaf has. */
function mayBe({ types, values }: ErrorLeaf, value: unknown): boolean {
  const isOfType =
    types === undefined || types.has(typeOf(value)) || (types.has('number') && typeof value === 'number')
  return isOfType && (values === undefined || values.includes(value))
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (isObject(value)) return 'object'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function fill(node: ErrorNode, context: FillContext, isLead = false): Filled | undefined {
  switch (node.kind) {
    case 'leaf':
      return fillLeaf(node, context, isLead)
    case 'object':
      return fillObject(node, context)
    case 'list':
      return fillList(node, context)
    case 'map':
      return fillMap(node, context)
    case 'choice':
      return fillChoice(node, context, isLead)
  }
}

function fillChoice({ options }: ErrorChoice, context: FillContext, isLead: boolean): Filled | undefined {
  let best: Filled | undefined
  for (const option of options) {
    const filled = fill(option, context, isLead)
    if (filled !== undefined && (best === undefined || filled.points > best.points)) best = filled
  }
  return best
}

function fillObject(node: ErrorObject, around: FillContext): Filled {
  const object = {}
  let points = 0
  const context: FillContext = {
    ...around,
    isAlone: around.isEntry && !node.hasPlace,
    isTold: around.isTold === true || node.hasText,
    isToldAbove: around.isTold === true,
  }
  for (const own of node.members) {
    const filled = fillMember(node, own, context)
    if (filled !== undefined) {
      setMember(object, own.name, filled.value)
      points += filled.points
    } else if (own.required && own.nullable) setMember(object, own.name, null)
  }
  return { value: object, points }
}

/** What a member says; undefined where it is left out. */
function fillMember(around: ErrorObject, own: ErrorMember, context: FillContext): Filled | undefined {
  const { name, required, nullable, node } = own
  const { details } = context.facts
  if (details !== undefined && node.kind !== 'leaf' && normalizeName(name) === 'details')
    return { value: details, points: 0 }
  const filled = isValue(node)
    ? fill(node, context, !context.isTold && name === around.lead)
    : fillInside(around, own, context)
  if (filled === undefined) return undefined
  // What an example of this very error leaves out is left out, unless it says what is wrong.
  const isShown = required || around.shown === undefined || around.shown.has(name)
  const isTelling = says(node) || filled.points >= POINTS.field || filled.isGiven === true
  // Where nothing has to be said, a word that the document does not know is worse than none.
  const isStrange = (filled.points < 0 || filled.isInvented) && (!required || nullable)
  return (isShown || isTelling) && !isStrange ? filled : undefined
}

/** A list or an object that is a member. */
function fillInside(
  { hasText }: ErrorObject,
  { required, node }: ErrorMember,
  context: FillContext,
): Filled | undefined {
  if (node.kind === 'object' && (node.envelope === 0 || (node.envelope === 1 && hasText))) return undefined
  // Beside a text, a list or an object is worth its place only when it says more.
  const isWorth =
    required || !hasText || context.violation !== undefined || context.facts.violations.length > 0
  const filled = isWorth ? fill(node, context) : undefined
  return filled !== undefined && (required || filled.points >= POINTS.field) ? filled : undefined
}

/** Members that say what is wrong, and so are there whatever an example shows. */
const SAYING: ReadonlySet<MemberRole> = new Set(['text', 'maybeText', 'field', 'pointer'])

function says(node: ErrorNode): boolean {
  if (node.kind === 'choice') return node.options.some(says)
  return node.kind === 'leaf' && node.meaning !== undefined && SAYING.has(node.meaning.role)
}

/** Whether a node is nothing but a single value, whatever its kind. */
function isValue(node: ErrorNode): boolean {
  return node.kind === 'choice' ? node.options.every(isValue) : node.kind === 'leaf'
}

function fillList(node: ErrorList, context: FillContext): Filled | undefined {
  const { violation } = context
  if (context.isEntry && isOfNames(node)) return fillNames(node, violation)
  if (!node.isKnown) return undefined
  const violations = violationsOf(context)
  const filled = (violations.length > 0 ? violations : [undefined])
    .slice(0, Math.min(MAX_ENTRIES, node.maxItems))
    .map((one) => fill(node.items, entryOf(context, one), true))
    .filter((one) => one !== undefined)
  const [first] = filled
  // An entry about a member is better than a text, and a text better than an entry about none.
  const extra = violations.length > 0 ? 1 : -1
  return first && { value: filled.map(({ value }) => value), points: first.points + extra }
}

/** What the entries of a list or map are about. */
const violationsOf = ({ facts, violation }: FillContext): readonly Violation[] =>
  violation === undefined ? facts.violations : [violation]

const entryOf = ({ fits, facts }: FillContext, violation: Violation | undefined): FillContext => ({
  fits,
  facts,
  violation,
  isEntry: true,
})

/** Whether a list in an entry leads to the member at fault. */
function isOfNames({ meaning, items }: ErrorList): boolean {
  return (
    meaning !== undefined && NAMES.has(meaning.role) && (items.kind === 'leaf' || items.kind === 'choice')
  )
}

const NAMES: ReadonlySet<MemberRole> = new Set(['location', 'segments', 'field'])

/** A list of names that leads to the member at fault. */
function fillNames({ items, meaning }: ErrorList, violation: Violation | undefined): Filled | undefined {
  const role = meaning?.role
  if (violation === undefined) return role === 'location' ? { value: [], points: 0 } : undefined
  const names = namesOf(violation)
  const takesNumbers = takes(items, 'integer')
  const plain = names.map((name) => (takesNumbers && /^\d+$/.test(name) ? Number(name) : name))
  if (role === 'location') return { value: [violation.in, ...plain], points: POINTS.field }
  return { value: role === 'segments' ? plain : [names.join('.')], points: POINTS.field }
}

function takes(node: ErrorNode, type: string): boolean {
  if (node.kind === 'choice') return node.options.some((option) => takes(option, type))
  return node.kind === 'leaf' && (node.types === undefined || node.types.has(type))
}

function fillMap(node: ErrorMap, context: FillContext): Filled | undefined {
  const violations = node.isKnown ? violationsOf(context) : []
  const object = {}
  let points = 0
  for (const one of violations.slice(0, MAX_ENTRIES)) {
    const filled = fill(node.values, entryOf(context, one), true)
    if (filled === undefined) continue
    const name = namesOf(one).join('.') || one.in
    const known = member(object, name)
    const areLists = Array.isArray(known) && Array.isArray(filled.value)
    setMember(object, name, areLists ? [...known, ...(filled.value as unknown[])] : filled.value)
    points = filled.points + POINTS.field
  }
  return points === 0 ? undefined : { value: object, points }
}
