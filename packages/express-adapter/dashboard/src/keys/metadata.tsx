// What the service keeps with a key, entry by entry: words as they are, what is nested as JSON.

import type { Key } from '../api.js'

export function Metadata({ metadata }: Pick<Key, 'metadata'>) {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return null
  return (
    <section class="card facts" aria-labelledby="metadata-title">
      <h2 id="metadata-title">Metadata</h2>
      <dl>
        {entries.map(([name, value]) => (
          <div key={name} class={isNested(value) ? 'nested' : undefined}>
            <dt>{name}</dt>
            <dd>{isNested(value) ? <pre>{JSON.stringify(value, null, 2)}</pre> : wordOf(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

const isNested = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

/** An empty text would look like a missing one. */
const wordOf = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? value : JSON.stringify(value)
