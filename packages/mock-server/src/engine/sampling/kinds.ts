// The member `object`, by which many APIs say what kind of thing an object is: Stripe, OpenAI, Recurly, Clerk, Resend.

import { escapeSegment, isObject, setMember } from '../json.js'
import { type Shape, shapeOf } from '../schema/shape.js'
import type { Generation, Position } from './generation.js'

const KIND = 'object'

/** What is said of a class in its name rather than what it describes. */
const AFFIX = /(Response|Resource|Out|Read|Dto|DTO|Model)$/

/** Sets `object` to the name of the class that an object is of, where the document leaves open what it says. */
export function setKind(
  { schemas, feedback }: Generation,
  shape: Shape,
  { path, hint }: Position,
  value: Record<string, unknown>,
): void {
  const [link] = shape.links
  const own = shape.properties.get(KIND)
  if (link === undefined || own === undefined || typeof value[KIND] !== 'string') return
  if (isObject(hint) && hint[KIND] !== undefined) return
  const isOpen = isFreeText(shapeOf(schemas, own)) && feedback.trusts(`${path}/${escapeSegment(KIND)}`)
  if (isOpen) setMember(value, KIND, kindOf(schemas.nameOf(link), value))
}

const isFreeText = ({ types, values, patterns, format, examples, defaults }: Shape): boolean =>
  types?.has('string') === true &&
  values === undefined &&
  format === undefined &&
  [patterns, examples, defaults].every(({ length }) => length === 0)

/** `shipping_address` for `ShippingAddress`, and `list` for what is called a list and has one. */
function kindOf(name: string, value: Readonly<Record<string, unknown>>): string {
  const words = name
    .replace(AFFIX, '')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase()
  const isList = /(^|_)list(_|$)/.test(words) && Object.values(value).some(Array.isArray)
  return isList ? 'list' : words
}
