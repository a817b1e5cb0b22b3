// Which alternative of each `oneOf` and `anyOf` a value is made for, and the discriminator that names it.

import { escapeSegment, setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import { type Alternatives, type Shape, shapeOf } from '../schema/shape.js'
import type { Generation, Position } from './generation.js'
import { fitsType } from './scalars.js'

const MAX_CHOICES = 24
/** How many alternatives of one choice are read to find the most suitable. */
const MAX_RANKED = 64
const IMPOSSIBLE = 8

/** An alternative that a discriminator can name. */
interface Chosen {
  readonly link: string
  readonly of: Alternatives
}

export interface Resolved {
  readonly shape: Shape
  readonly chosen: Chosen | undefined
}

/** Decides every `oneOf` and `anyOf` of a conjunction. Each attempt decides in another way. */
export function resolveAlternatives(
  generation: Generation,
  conjunction: readonly Schema[],
  position: Position,
  attempt: number,
): Resolved {
  const decided = new Set<readonly Schema[]>()
  let parts = conjunction
  let remaining = attempt
  let chosen: Chosen | undefined
  let shape = read(generation, parts)
  for (let i = 0; i < MAX_CHOICES; i++) {
    const open = shape.alternatives.find(({ options }) => !decided.has(options))
    if (open === undefined) break
    decided.add(open.options)
    const ranked = rank(generation, open.options, parts, position)
    parts = [...parts, ranked[remaining % ranked.length] ?? true]
    remaining = Math.floor(remaining / ranked.length)
    const known = shape.links.length
    shape = read(generation, parts)
    const link = shape.links[known]
    if (open.discriminator !== undefined && link !== undefined) chosen = { link, of: open }
  }
  return { shape, chosen }
}

function read(generation: Generation, parts: readonly Schema[]): Shape {
  const shape = shapeOf(generation.schemas, parts)
  generation.reads += shape.parts
  return shape
}

/** The first alternatives that are possible, or all of those if none is; the most suitable first. */
function rank(
  generation: Generation,
  options: readonly Schema[],
  parts: readonly Schema[],
  { links, hint }: Position,
): readonly Schema[] {
  const outlooks = outlooksOf(generation, options, parts)
  generation.reads += outlooks.reduce((sum, { reads }) => sum + reads, 0)
  const scored = outlooks.map(({ option, types, joint }, index) => {
    const isNull = types?.size === 1 && types.has('null')
    const isMisfit = hint !== undefined && hint !== null && types !== undefined && !fitsType(types, hint)
    const score =
      (joint.impossible ? IMPOSSIBLE : 0) +
      (isRecursive(joint, links) ? 4 : 0) +
      (isNull ? 2 : 0) +
      (isMisfit ? 1 : 0)
    return { option, index, score }
  })
  const possible = scored.filter(({ score }) => score < IMPOSSIBLE)
  const usable = possible.length > 0 ? possible : scored
  return usable.sort((a, b) => a.score - b.score || a.index - b.index).map(({ option }) => option)
}

/** What is known of an alternative before anything is made for it. */
interface Outlook {
  readonly option: Schema
  readonly types: Shape['types']
  /** The alternative together with what it stands beside. */
  readonly joint: Pick<Shape, 'impossible' | 'links'>
  readonly reads: number
}

const outlooksBeside = new WeakMap<readonly Schema[], WeakMap<object, readonly Outlook[]>>()

/** The same for every value of a schema: a list asks for each of its items. */
function outlooksOf(
  { schemas }: Generation,
  options: readonly Schema[],
  parts: readonly Schema[],
): readonly Outlook[] {
  const compute = (): readonly Outlook[] =>
    options.slice(0, MAX_RANKED).map((option) => {
      const own = shapeOf(schemas, [option])
      const { impossible, links, parts: read } = shapeOf(schemas, [...parts, option])
      return { option, types: own.types, joint: { impossible, links }, reads: own.parts + read }
    })
  const [only, ...others] = parts
  if (typeof only !== 'object' || others.length > 0) return compute()
  const beside = outlooksBeside.get(options) ?? new WeakMap<object, readonly Outlook[]>()
  outlooksBeside.set(options, beside)
  const known = beside.get(only) ?? compute()
  beside.set(only, known)
  return known
}

/** Whether a schema repeats one that it is part of, at least so many times. */
export const isRecursive = ({ links }: Pick<Shape, 'links'>, above: Position['links'], times = 1): boolean =>
  links.some((link) => (above.get(link) ?? 0) >= times)

/** Sets the discriminator's property to the name of the chosen alternative, unless other schemas forbid that name. */
export function setDiscriminator(
  { schemas, validation, feedback }: Generation,
  value: Record<string, unknown>,
  chosen: Chosen | undefined,
  path: string,
): void {
  const property = chosen?.of.discriminator?.property
  if (chosen === undefined || typeof property !== 'string' || feedback.attemptAt(path) % 2 === 1) return
  const values = chosen.of.discriminator?.values as Record<string, string>
  const name = Object.hasOwn(values, chosen.link) ? values[chosen.link] : schemas.nameOf(chosen.link)
  const own = shapeOf(schemas, [schemas.target(chosen.link)]).properties.get(property)
  const fits = own === undefined || validation.fitsAll(name, own)
  if (fits && feedback.trusts(`${path}/${escapeSegment(property)}`)) setMember(value, property, name)
}
