// A JSON value as people read it: indented, with its kinds told apart, and with what is wrong beside the line that it is
// about.

import { useMemo } from 'preact/hooks'

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g

/** Something to say about a part of a value. */
export interface JsonMark {
  /** A JSON pointer (RFC 6901). */
  readonly pointer: string
  readonly message: string
}

export interface JsonProps {
  /** A text is shown as it is. */
  readonly value: unknown
  readonly label: string
  readonly marks?: readonly JsonMark[] | undefined
}

export function Json({ value, label, marks = [] }: JsonProps) {
  const parts = useMemo(() => {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
    return marks.length === 0 ? partsOf(text) : markedLines(text.split('\n'), linesOf(value), marks)
  }, [value, marks])
  return (
    <section class="json" aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <pre tabIndex={0}>{parts}</pre>
    </section>
  )
}

function markedLines(
  lines: readonly string[],
  numbers: ReadonlyMap<string, number>,
  marks: readonly JsonMark[],
) {
  const messages = new Map<number, string[]>()
  for (const { pointer, message } of marks) {
    const line = numbers.get(pointer) ?? 0
    messages.set(line, [...(messages.get(line) ?? []), message])
  }
  return lines.map((line, number) => {
    const about = messages.get(number)
    return [
      ...partsOf(line),
      about === undefined ? undefined : <mark class="json-mark">{about.join('; ')}</mark>,
      number < lines.length - 1 ? '\n' : undefined,
    ]
  })
}

/** The line on which each part of a value begins when it is written with indentation, by its pointer. */
function linesOf(value: unknown): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  let line = 0
  const visit = (part: unknown, pointer: string): void => {
    numbers.set(pointer, line)
    if (typeof part !== 'object' || part === null) return
    const members = Object.entries(part)
    for (const [name, member] of members) {
      line++
      visit(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    }
    if (members.length > 0) line++
  }
  visit(value, '')
  return numbers
}

function partsOf(text: string) {
  const parts = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    const [token, string, colon] = match
    const kind = colon !== undefined ? 'name' : string !== undefined ? 'text' : 'value'
    parts.push(text.slice(end, match.index))
    parts.push(<span class={`json-${kind}`}>{string ?? token}</span>)
    if (colon !== undefined) parts.push(colon)
    end = match.index + token.length
  }
  parts.push(text.slice(end))
  return parts
}
