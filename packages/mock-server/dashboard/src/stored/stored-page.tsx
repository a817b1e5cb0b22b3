// What is stored, whatever the document describes: collections, the objects in one, and one of these.

import { Empty, ListDetail, Problem, RowLink, Rows, Skeleton } from '@gosend/dashboard-ui'
import type { StoredCollection } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { topicOf, useChoice, useHref, useScope } from '../place.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { StoredObject } from './stored-object.js'
import { StoredTable } from './stored-table.js'

function Stored() {
  const { api } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const [chosen, object] = useChoice()
  const topic = topicOf(scope)
  const { data, problem, reload } = useLive(topic, [topic], () =>
    api.get<readonly StoredCollection[]>('/collections', scope),
  )
  const list = (
    <>
      {data === undefined && problem === undefined && <Skeleton />}
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
        detail={chosen === undefined ? undefined : detailOf(topic, chosen, object)}
        label="Objects"
        home={href()}
        chosen={chosen && `${chosen} ${object}`}
      />
    </>
  )
}

const detailOf = (topic: string, collection: string, id: string | undefined) =>
  id === undefined ? (
    <StoredTable key={`${topic} ${collection}`} collection={collection} />
  ) : (
    <StoredObject key={`${topic} ${collection} ${id}`} collection={collection} id={id} />
  )

export const storedPage = createPage(
  { id: 'stored', title: 'Stored objects', icon: icons.stored, shortcut: 'o' },
  Stored,
)
