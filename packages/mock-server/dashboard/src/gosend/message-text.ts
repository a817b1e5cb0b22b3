// What a message says, in one line.

import type { Message } from './data.js'

type Part = Readonly<Record<string, unknown>>

const partOf = (value: unknown): Part => (typeof value === 'object' && value !== null ? (value as Part) : {})
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The member that is named like the type. */
export const contentOf = (message: Message): Part => partOf(partOf(message)[message.type])

const READERS: Readonly<Record<string, (content: Part) => string>> = {
  text: ({ body }) => textOf(body),
  template: ({ name, language }) => `Template ${textOf(name)} (${textOf(partOf(language).code)})`,
  interactive: ({ body, button_reply, list_reply }) =>
    textOf(partOf(body).text) || textOf(partOf(button_reply ?? list_reply).title),
  button: ({ text }) => textOf(text),
  reaction: ({ emoji }) => `Reacted with ${textOf(emoji)}`,
  location: ({ name, address, latitude, longitude }) =>
    textOf(name) || textOf(address) || `${String(latitude)}, ${String(longitude)}`,
  document: ({ filename, caption }) => textOf(caption) || textOf(filename),
  contacts: () => 'Contacts',
}

const NAMES: Readonly<Record<string, string>> = {
  image: 'Picture',
  video: 'Video',
  audio: 'Voice message',
  document: 'Document',
  sticker: 'Sticker',
  location: 'Place',
  contacts: 'Contacts',
}

export function lineOf(message: Message): string {
  const content = contentOf(message)
  const text = READERS[message.type]?.(content) ?? textOf(content.caption)
  const name = NAMES[message.type]
  return (
    [name, text].filter((part) => part !== undefined && part !== '' && part !== name).join(': ') ||
    message.type
  )
}

/** The answers that a message offers, and what choosing one is. */
export function repliesOf(message: Message): readonly { readonly title: string; readonly body: object }[] {
  const { action, type } = contentOf(message)
  if (message.type !== 'interactive' || message.direction !== 'outbound') return []
  const { buttons, sections } = partOf(action)
  const rows =
    type === 'button'
      ? listOf(buttons).map(({ reply }) => partOf(reply))
      : listOf(sections).flatMap(({ rows }) => listOf(rows))
  const kind = type === 'button' ? 'button_reply' : 'list_reply'
  return rows.map((row) => ({
    title: textOf(row.title),
    body: { type: 'interactive', interactive: { type: kind, [kind]: row } },
  }))
}

const listOf = (value: unknown): readonly Part[] => (Array.isArray(value) ? value.map(partOf) : [])

export const otherOf = ({ direction, from, to }: Message): string => (direction === 'outbound' ? to : from)

/** `+54 9 11…` would need a table of countries: a plus and the digits will do. */
export const numberOf = (digits: string): string => `+${digits}`
