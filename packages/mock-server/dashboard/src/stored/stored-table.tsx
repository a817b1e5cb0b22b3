// The objects of a collection as a table: the members that most of them have, with a search over all of them.

import { Problem, Search, Skeleton } from '@gosend/dashboard-ui'
import { useMemo, useState } from 'preact/hooks'
import type { StoredItems } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useHref, useScope } from '../place.js'

const FIRST = 50
const MOST = 500
const MAX_COLUMNS = 5

export function StoredTable({ collection }: { readonly collection: string }) {
  const { api } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const [limit, setLimit] = useState(FIRST)
  const [text, setText] = useState('')
  const topic = topicOf(scope, collection)
  const { data, problem } = useLive(`${topic} ${limit} ${text}`, [topic], () =>
    api.get<StoredItems>('/items', { ...scope, name: collection, limit, text }),
  )
  const columns = useMemo(() => columnsOf(data?.items ?? []), [data])
  if (problem !== undefined) return <Problem text={problem} />
  return (
    <>
      <header class="detail-head">
        <h2>
          <code>{collection}</code>
        </h2>
        <p class="hint" aria-live="polite">
          {data !== undefined && countOf(data.total, text)}
        </p>
      </header>
      <Search label="Search objects" hint="Id or any value" value={text} onInput={setText} />
      {data === undefined && <Skeleton />}
      {data !== undefined && data.items.length > 0 && (
        <div class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">id</th>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.items.map(({ id, value }) => (
                <tr key={id}>
                  <th scope="row">
                    <a href={href([collection, id])}>{id}</a>
                  </th>
                  {columns.map((name) => (
                    <td key={name}>{cellOf(value, name)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data !== undefined && data.total > data.items.length && limit < MOST && (
        <button type="button" class="button" onClick={() => setLimit(MOST)}>
          Show more
        </button>
      )}
    </>
  )
}

const number = new Intl.NumberFormat()

function countOf(total: number, text: string): string {
  if (text !== '') return total === 1 ? '1 object matches' : `${number.format(total)} objects match`
  if (total === 0) return 'Nothing is stored here. The collection is filled when it is first asked for.'
  return `${number.format(total)} ${total === 1 ? 'object' : 'objects'}, the latest first`
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The members with a single value that most of them have. */
function columnsOf(items: StoredItems['items']): readonly string[] {
  const counts = new Map<string, number>()
  for (const { id, value } of items)
    for (const [name, member] of Object.entries(isRecord(value) ? value : {}))
      if (String(member) !== id && (typeof member !== 'object' || member === null))
        counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_COLUMNS)
    .map(([name]) => name)
}

const MAX_CHARACTERS = 80

function cellOf(value: unknown, name: string): string {
  const member = isRecord(value) ? value[name] : undefined
  if (member === undefined) return ''
  const text = typeof member === 'object' ? JSON.stringify(member) : String(member)
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text
}
