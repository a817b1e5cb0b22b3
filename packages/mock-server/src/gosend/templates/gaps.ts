// The gaps of a template's text, and whether what a message brings fits into them. Pure: knows nothing of what is stored.

import type { GosendComponents } from '@gosend/openapi'

type Schemas = GosendComponents['schemas']

export type TemplateComponent = Schemas['TemplateComponent']
export type TemplateArguments = Schemas['TemplateArguments']
export type TemplateParameter = Schemas['TemplateParameter']
type Category = Schemas['TemplateCategory']
type Component<Type extends TemplateComponent['type']> = Extract<TemplateComponent, { type: Type }>

const GAP = /\{\{\s*(\d+)\s*\}\}/g

/** What may stand in the gap of a text. */
const IN_TEXT: ReadonlySet<string> = new Set(['text', 'currency', 'date_time'])

/** The numbers in a text's gaps, each once. */
const gapsOf = (text = ''): readonly number[] =>
  [...new Set([...text.matchAll(GAP)].map(([, digits]) => Number(digits)))].sort((a, b) => a - b)

export const componentOf = <Type extends TemplateComponent['type']>(
  components: readonly TemplateComponent[],
  type: Type,
): Component<Type> | undefined =>
  components.find((component): component is Component<Type> => component.type === type)

/** Something wrong with a template, and where. */
export interface Flaw {
  readonly message: string
  readonly field: string
}

/** What keeps a template from being handed in. */
export function flawIn(category: Category, components: readonly TemplateComponent[]): Flaw | undefined {
  const field = 'components'
  const types = components.map(({ type }) => type)
  const twice = types.find((type, index) => types.indexOf(type) < index)
  if (twice !== undefined) return { field, message: `There is more than one ${twice}` }
  const body = componentOf(components, 'BODY')
  if (body === undefined) return { field, message: 'There is no BODY' }
  const header = componentOf(components, 'HEADER')
  const footer = componentOf(components, 'FOOTER')
  if (category === 'AUTHENTICATION') {
    if (body.text !== undefined)
      return { field, message: 'Meta writes the BODY of an AUTHENTICATION template' }
  } else if (body.text === undefined) return { field, message: 'The BODY has no text' }
  if (header?.format === 'TEXT' && header.text === undefined)
    return { field, message: 'The TEXT header has no text' }
  if (gapsOf(footer?.text).length > 0) return { field, message: 'A FOOTER has no gaps' }
  if (gapsOf(header?.text).length > 1) return { field, message: 'A header has at most one gap' }
  const unordered = [header?.text, body.text].find((text) => !gapsOf(text).every((gap, i) => gap === i + 1))
  return unordered === undefined
    ? undefined
    : { field, message: 'Gaps are numbered {{1}}, {{2}} and so on, without holes' }
}

/** Meta rejects texts that begin or end with a gap. */
export function rejectionOf(components: readonly TemplateComponent[]): string | undefined {
  const text = componentOf(components, 'BODY')?.text?.trim() ?? ''
  if (/^\{\{/.test(text)) return 'The body begins with a parameter.'
  return /\}\}$/.test(text) ? 'The body ends with a parameter.' : undefined
}

interface GivenTemplate {
  readonly name: string
  readonly category: Category
  readonly components: readonly TemplateComponent[]
}

const FIELD = 'template.components'
const SUB_TYPES: Readonly<Record<string, string>> = { QUICK_REPLY: 'quick_reply', URL: 'url', OTP: 'url' }

/** What does not fit between a template and the arguments of a message. */
export function mismatchOf(template: GivenTemplate, given: readonly TemplateArguments[]): Flaw | undefined {
  const flaw = (message: string): Flaw => ({ field: FIELD, message })
  const of = (type: TemplateArguments['type']) => given.filter((entry) => entry.type === type)
  if (of('header').length > 1 || of('body').length > 1)
    return flaw(`The header and the body of ${template.name} are filled once`)
  const message =
    headerMismatch(template, of('header')[0]?.parameters ?? []) ??
    bodyMismatch(template, of('body')[0]?.parameters ?? []) ??
    buttonMismatch(
      template,
      given.filter((entry) => entry.type === 'button'),
    )
  return message === undefined ? undefined : flaw(message)
}

function headerMismatch({ name, components }: GivenTemplate, given: readonly TemplateParameter[]) {
  const header = componentOf(components, 'HEADER')
  const hasGap = header !== undefined && (header.format !== 'TEXT' || gapsOf(header.text).length > 0)
  const wanted = hasGap ? header.format.toLowerCase() : undefined
  const count = wanted === undefined ? 0 : 1
  if (given.length !== count) return `The header of ${name} takes ${parameters(count)}, not ${given.length}`
  const wrong = given.find(({ type }) => type !== wanted)
  return wrong && `The header of ${name} takes a parameter of type ${wanted}, not ${wrong.type}`
}

function bodyMismatch({ name, category, components }: GivenTemplate, given: readonly TemplateParameter[]) {
  // Its text is Meta's own, with the code in it.
  const count = category === 'AUTHENTICATION' ? 1 : gapsOf(componentOf(components, 'BODY')?.text).length
  if (given.length !== count) return `The body of ${name} takes ${parameters(count)}, not ${given.length}`
  const wrong = given.find(({ type }) => !IN_TEXT.has(type))
  return wrong && `The body of ${name} takes texts, amounts and dates, not ${wrong.type}`
}

type ButtonArguments = Extract<TemplateArguments, { type: 'button' }>

function buttonMismatch({ name, components }: GivenTemplate, given: readonly ButtonArguments[]) {
  const buttons = componentOf(components, 'BUTTONS')?.buttons ?? []
  for (const argument of given) {
    const mismatch = argumentMismatch(name, buttons[Number(argument.index)], argument)
    if (mismatch !== undefined) return mismatch
  }
  const indexes = given.map(({ index }) => Number(index))
  if (new Set(indexes).size < indexes.length) return `A button of ${name} is filled twice`
  const empty = buttons.findIndex(
    (button, index) => button.type === 'URL' && gapsOf(button.url).length > 0 && !indexes.includes(index),
  )
  return empty < 0 ? undefined : `Button ${empty} of ${name} takes 1 parameter, not 0`
}

function argumentMismatch(
  name: string,
  button: NonNullable<Extract<TemplateComponent, { type: 'BUTTONS' }>['buttons']>[number] | undefined,
  { index, sub_type, parameters: filled }: ButtonArguments,
): string | undefined {
  if (button === undefined) return `${name} has no button ${index}`
  if (SUB_TYPES[button.type] !== sub_type) return `Button ${index} of ${name} is of type ${button.type}`
  if (button.type === 'URL' && gapsOf(button.url).length === 0) return `Button ${index} of ${name} has no gap`
  const wanted = button.type === 'QUICK_REPLY' ? 'payload' : 'text'
  return filled.length === 1 && filled[0]?.type === wanted
    ? undefined
    : `Button ${index} of ${name} takes 1 parameter of type ${wanted}`
}

const parameters = (count: number): string => `${count} parameter${count === 1 ? '' : 's'}`
