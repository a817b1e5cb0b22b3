// What a message holds: the files it refers to, the rules that its schema cannot express, and what a person would answer.

import type { GosendComponents } from '@gosend/openapi'
import { isObject } from '../../engine/json.js'
import type { Flaw } from '../templates/gaps.js'
import type { FileKind, FileReference } from './media.js'

type Schemas = GosendComponents['schemas']

export type SendMessageRequest = Schemas['SendMessageRequest']
export type OutboundMessage = Schemas['OutboundMessage']
export type InboundMessage = Schemas['InboundMessage']
type Sent<Type extends SendMessageRequest['type']> = Extract<SendMessageRequest, { type: Type }>

export interface FilePlace {
  readonly kind: FileKind
  /** Where it stands in the request, with dots. */
  readonly field: string
  readonly file: FileReference
}

const FILE_KINDS: ReadonlySet<string> = new Set(['image', 'video', 'audio', 'document', 'sticker'])
const isFileKind = (type: string): type is FileKind => FILE_KINDS.has(type)

/** `{ type: 'image', image: … }` holds a file, wherever it stands. */
function fileIn(holder: unknown, prefix: string): readonly FilePlace[] {
  if (!isObject(holder) || typeof holder.type !== 'string' || !isFileKind(holder.type)) return []
  const file = holder[holder.type]
  return isObject(file)
    ? [{ kind: holder.type, field: `${prefix}${holder.type}`, file: file as FileReference }]
    : []
}

/** The files that a message refers to. */
export function filesOf(message: SendMessageRequest): readonly FilePlace[] {
  if (message.type === 'interactive') return fileIn(message.interactive.header, 'interactive.header.')
  if (message.type !== 'template') return fileIn(message, '')
  const { components = [] } = message.template
  return components.flatMap((component, index) =>
    component.parameters.flatMap((parameter, at) =>
      fileIn(parameter, `template.components.${index}.parameters.${at}.`),
    ),
  )
}

/** What is wrong with a question: answers that could not be told apart, or a list that WhatsApp cannot show. */
export function flawInQuestion({ interactive }: Sent<'interactive'>): Flaw | undefined {
  if (interactive.type === 'button') {
    const field = 'interactive.action.buttons'
    const replies = interactive.action.buttons.map(({ reply }) => reply)
    return hasTwins(replies.map(({ id }) => id))
      ? { field, message: 'Two buttons have the same id' }
      : undefined
  }
  const field = 'interactive.action.sections'
  const { sections } = interactive.action
  const rows = sections.flatMap((section) => section.rows)
  if (rows.length > MAX_ROWS)
    return { field, message: `A list has at most ${MAX_ROWS} rows in all its sections` }
  if (hasTwins(rows.map(({ id }) => id))) return { field, message: 'Two rows have the same id' }
  const isUntitled = sections.length > 1 && sections.some(({ title = '' }) => title === '')
  return isUntitled ? { field, message: 'Where there are several sections, each has a title' } : undefined
}

const MAX_ROWS = 10

const hasTwins = (ids: readonly string[]): boolean => new Set(ids).size < ids.length

/** The kind and the content of a message, beside what every message has. */
export interface Content {
  readonly type: InboundMessage['type']
  /** The member that is named like the type. */
  readonly content: unknown
}

const THANKS: Content = { type: 'text', content: { body: 'Thank you!' } }

/**
 * What a person answers who always presses the first button.
 *
 * @param buttons those of the template that was sent.
 */
export function answerTo(message: OutboundMessage, buttons: readonly Schemas['TemplateButton'][]): Content {
  if (message.type === 'interactive') {
    const { interactive } = message
    if (interactive.type === 'button') {
      const reply = interactive.action.buttons[0]?.reply
      return { type: 'interactive', content: { type: 'button_reply', button_reply: reply } }
    }
    const row = interactive.action.sections[0]?.rows[0]
    return { type: 'interactive', content: { type: 'list_reply', list_reply: row } }
  }
  const index = buttons.findIndex(({ type }) => type === 'QUICK_REPLY')
  const button = buttons[index]
  if (message.type !== 'template' || button === undefined) return THANKS
  const filled = message.template.components?.find(
    (component) => component.type === 'button' && component.index === String(index),
  )
  const parameter = filled?.parameters[0]
  const payload = parameter?.type === 'payload' ? { payload: parameter.payload } : {}
  return { type: 'button', content: { text: button.text, ...payload } }
}
