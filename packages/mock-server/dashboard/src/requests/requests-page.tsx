// The log of requests, as they arrive, with the reason of each refusal.

import {
  Choice,
  Empty,
  Instant,
  ListDetail,
  optionsOf,
  Problem,
  RowLink,
  Rows,
  Search,
  spanDays,
  tookOf,
  useAction,
} from '@gosend/dashboard-ui'
import { useMemo, useState } from 'preact/hooks'
import type { JournalLine, MockOverview } from '../../../src/control/wire.js'
import { curlOf } from '../../../src/engine/document/curl.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { ENVIRONMENTS, useChoice, useHref } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { applyFilter, type LogFilter, noFilter, outcomeNames, readLog, reasonOf } from './log.js'
import { RequestDetail } from './request-detail.js'
import { Status } from './status.js'

function Requests() {
  const { api, project, announce } = useSandbox()
  const href = useHref()
  const [chosen] = useChoice()
  const [filter, setFilter] = useState<LogFilter>(noFilter)
  const {
    data: lines,
    problem,
    reload,
  } = useLive<readonly JournalLine[]>('log', ['requests'], (was) => readLog(api, was))
  const clearing = useAction()
  const shown = useMemo(() => applyFilter(lines ?? [], project.id, filter), [lines, project.id, filter])
  const withDay = useMemo(() => spanDays(shown.map(({ at }) => at)), [shown])
  const set = (change: Partial<LogFilter>) => setFilter((was) => ({ ...was, ...change }))
  const clear = () =>
    clearing.run(async () => {
      await api.send('DELETE', '/requests')
      announce('The log is empty.')
    })

  const list = (
    <>
      {(lines?.length ?? 0) > 0 && (
        <search class="toolbar">
          <Search
            label="Search requests"
            hint="Path, operation, reason or key"
            value={filter.text}
            onInput={(text) => set({ text })}
          />
          <Choice
            aria-label="Answers"
            value={filter.outcome}
            options={optionsOf(outcomeNames)}
            onChange={(outcome) => set({ outcome })}
          />
          <Choice
            aria-label="Environment"
            value={filter.environment}
            options={[['', 'All environments'], ...optionsOf(ENVIRONMENTS)]}
            onChange={(environment) => set({ environment })}
          />
          <p class="count">
            {countOf(shown.length, lines?.length ?? 0)}
            <button type="button" class="plain" disabled={clearing.isBusy} onClick={clear}>
              Clear
            </button>
          </p>
        </search>
      )}
      {lines?.length === 0 && <Waiting />}
      {lines !== undefined && lines.length > 0 && shown.length === 0 && (
        <Empty icon={icons.search} title="No request fits">
          <button type="button" class="button" onClick={() => setFilter(noFilter)}>
            Show all requests
          </button>
        </Empty>
      )}
      {shown.length > 0 && (
        <Rows label="Requests">
          {shown.map((line) => (
            <LogRow
              key={line.number}
              line={line}
              withDay={withDay}
              href={href([String(line.number)])}
              isChosen={chosen === String(line.number)}
            />
          ))}
        </Rows>
      )}
    </>
  )

  return (
    <>
      <Head
        title="Requests"
        lead="Everything that is sent to the mock, as it arrives, with the reason of each refusal."
      />
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {clearing.problem !== undefined && <Problem text={clearing.problem} />}
      <ListDetail
        list={list}
        detail={chosen === undefined ? undefined : <RequestDetail key={chosen} number={chosen} />}
        label="Request"
        home={href()}
        chosen={chosen}
      />
    </>
  )
}

interface LogRowProps {
  readonly line: JournalLine
  readonly withDay: boolean
  readonly href: string
  readonly isChosen: boolean
}

function LogRow({ line, withDay, href, isChosen }: LogRowProps) {
  // The same element as before is not looked at again, and of 500 rows most stay.
  return useMemo(() => {
    const reason = reasonOf(line)
    return (
      <RowLink href={href} name={line.number} isChosen={isChosen} columns="log-line">
        <Status of={line.status} />
        <span class="log-what">
          <code class="log-path">
            <b>{line.method}</b> {line.path}
          </code>
          {reason !== undefined && <span class="log-reason">{reason}</span>}
        </span>
        <span class="log-where">{line.environment ?? ''}</span>
        <span class="log-took">{tookOf(line.durationMs)}</span>
        <Instant at={line.at} withDay={withDay} />
      </RowLink>
    )
  }, [line, withDay, href, isChosen])
}

function Waiting() {
  const { api } = useSandbox()
  const { data } = useLive('overview', [], () => api.get<Pick<MockOverview, 'example' | 'keyVariable'>>(''))
  const curl =
    data &&
    curlOf({
      address: `${location.origin}${data.example.path}`,
      security: data.example.security,
      key: `$${data.keyVariable}`,
      quote: '"',
    })
  return (
    <Empty icon={icons.requests} title="Waiting for the first request">
      <p>Send one, and it appears here at once.</p>
      {curl !== undefined && (
        <div class="snippet-box command">
          <code>{curl}</code>
          <CopyButton text={curl} what="The command" />
        </div>
      )}
    </Empty>
  )
}

const countOf = (shown: number, all: number): string =>
  shown === all
    ? `${all.toLocaleString('en')} ${all === 1 ? 'request' : 'requests'}`
    : `${shown.toLocaleString('en')} of ${all.toLocaleString('en')}`

export const requestsPage = createPage(
  { id: 'requests', title: 'Requests', icon: icons.requests, shortcut: 'r' },
  Requests,
)
