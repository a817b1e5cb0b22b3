// What is stored, whatever the document describes: collections, and the objects in them.

import { Empty, Json, ListDetail, Problem, RowLink, Rows } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import type { StoredCollection, StoredItems } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { topicOf, useChoice, useHref, useScope } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'

function Stored() {
  const { api } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const [chosen] = useChoice()
  const topic = topicOf(scope)
  const { data, problem, reload } = useLive(topic, [topic], () =>
    api.get<readonly StoredCollection[]>('/collections', scope),
  )
  const list = (
    <>
      {data?.length === 0 && (
        <Empty icon={icons.stored} title="Nothing is stored yet">
          <p>A collection is filled when it is first asked for.</p>
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <Rows label="Collections">
          {data.map(({ name, items }) => (
            <RowLink
              key={name}
              href={href([name])}
              name={name}
              isChosen={chosen === name}
              columns="stored-line"
            >
              <code class="cut">{name}</code>
              <span class="number">{items.toLocaleString('en')}</span>
            </RowLink>
          ))}
        </Rows>
      )}
    </>
  )
  return (
    <>
      <Head title="Stored objects" lead="What clients have created, and what was there from the start.">
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      <ListDetail
        list={list}
        detail={chosen === undefined ? undefined : <Items key={`${topic} ${chosen}`} collection={chosen} />}
        label="Objects"
        home={href()}
        chosen={chosen}
      />
    </>
  )
}

const FIRST = 50

function Items({ collection }: { readonly collection: string }) {
  const { api } = useSandbox()
  const scope = useScope()
  const [limit, setLimit] = useState(FIRST)
  const topic = topicOf(scope, collection)
  const { data, problem } = useLive(`${topic} ${limit}`, [topic], () =>
    api.get<StoredItems>('/items', { ...scope, name: collection, limit }),
  )
  if (problem !== undefined) return <Problem text={problem} />
  if (data === undefined) return <div class="skeleton" />
  const { total, items } = data
  return (
    <>
      <header class="detail-head">
        <h2>
          <code>{collection}</code>
        </h2>
        <p class="hint">
          {total === 0 && 'Nothing is stored here. It is filled when it is first asked for.'}
          {total > 0 &&
            `${total.toLocaleString('en')} ${total === 1 ? 'object' : 'objects'}, the latest first`}
        </p>
      </header>
      <div class="items">
        {items.map(({ id, value }) => (
          <details key={id} open={items.length === 1}>
            <summary>
              <code class="item-id">{id}</code>
              <span class="cut hint">{summaryOf(id, value)}</span>
            </summary>
            <Json value={value} label={`Object ${id}`} />
            <CopyButton text={JSON.stringify(value, null, 2)} what={`Object ${id}`} />
          </details>
        ))}
      </div>
      {total > items.length && limit < MOST && (
        <button type="button" class="button" onClick={() => setLimit(MOST)}>
          Show more
        </button>
      )}
    </>
  )
}

const MOST = 500
const SUMMARY_CHARACTERS = 160

/** One line of it, without the id that stands beside. */
function summaryOf(id: string, value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const members = isObject ? Object.entries(value).filter(([, member]) => String(member) !== id) : []
  return JSON.stringify(isObject ? Object.fromEntries(members) : value).slice(0, SUMMARY_CHARACTERS)
}

export const storedPage = createPage(
  { id: 'stored', title: 'Stored objects', icon: icons.stored, shortcut: 'o' },
  Stored,
)
