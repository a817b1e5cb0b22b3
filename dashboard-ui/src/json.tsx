// A JSON value as people read it: indented, with its kinds told apart.

import { useMemo } from 'preact/hooks'

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b/g

export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  const parts = useMemo(
    () => partsOf(typeof value === 'string' ? value : JSON.stringify(value, null, 2)),
    [value],
  )
  return (
    <section class="json" aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <pre tabIndex={0}>{parts}</pre>
    </section>
  )
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
