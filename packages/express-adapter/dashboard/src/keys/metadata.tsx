// What the service keeps with a key, entry by entry: words as they are, what is nested as JSON.

import { Fact, Facts, Json } from '@gosend/dashboard-ui'
import type { Key } from '../api.js'
import { useTexts } from '../locale.js'

export function Metadata({ metadata }: Pick<Key, 'metadata'>) {
  const t = useTexts()
  const entries = Object.entries(metadata)
  if (entries.length === 0) return null
  return (
    <section class="card" aria-labelledby="metadata-title">
      <h2 id="metadata-title">{t('metadata')}</h2>
      <Facts>
        {entries.map(([name, value]) => (
          <Fact key={name} name={name} isWide={isNested(value)}>
            {isNested(value) ? <Json value={value} label={name} /> : wordOf(value)}
          </Fact>
        ))}
      </Facts>
    </section>
  )
}

const isNested = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0

/** An empty text would look like a missing one. */
const wordOf = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? value : JSON.stringify(value)
