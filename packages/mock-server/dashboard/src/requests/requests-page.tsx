// The log of requests, as they arrive, with the reason of each refusal.

import {
  Empty,
  Instant,
  ListDetail,
  Problem,
  RowAnchor,
  spanDays,
  tookOf,
  useAction,
  VirtualRows,
} from '@gosend/dashboard-ui'
import { useMemo, useRef } from 'preact/hooks'
import { commandOf } from '../../../src/control/drafted-request.js'
import { reasonOf } from '../../../src/control/reasons.js'
import type {
  JournalLine,
  JournalPage,
  MockOverview,
  OperationName,
  RequestDraft,
} from '../../../src/control/wire.js'
import type { Api } from '../api.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { useChoice, useHref, useQuery, useScope } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { type Log, readLog, readOlder } from './log.js'
import { FILTERS, LogToolbar } from './log-toolbar.js'
import { RequestDetail } from './request-detail.js'
import { Status } from './status.js'

function Requests() {
  const { api, announce } = useSandbox()
  const [query, change] = useQuery()
  const place = useHref()
  const href = (choice?: readonly string[]) => place(choice) + (query.size === 0 ? '' : `?${query}`)
  const [chosen] = useChoice()
  const log = useLog(query)
  const { lines = [], kept = 0, next = null } = log.shown ?? {}
  const withDay = useMemo(() => spanDays(lines.map(({ at }) => at)), [lines])
  const clearing = useAction()
  const clear = () =>
    clearing.run(async () => {
      await api.send('DELETE', '/requests')
      announce('The log is empty.')
    })
  const showAll = () => change(Object.fromEntries(FILTERS.map((name) => [name, ''])))

  const list = (
    <>
      {kept > 0 && (
        <LogToolbar query={query} onChange={change} lines={lines}>
          <p class="count">
            <span aria-live="polite">{countOf(lines.length, kept, next !== null)}</span>
            <a
              class="plain"
              href={`${api.base}/log.har?${new URLSearchParams(log.filter)}`}
              download="requests.har"
            >
              Export HAR
            </a>
            <a
              class="plain"
              href={`${api.base}/log.test.ts?${new URLSearchParams(log.filter)}`}
              download="requests.test.ts"
            >
              Export test
            </a>
            <button type="button" class="plain" disabled={clearing.isBusy} onClick={clear}>
              Clear
            </button>
          </p>
        </LogToolbar>
      )}
      {log.shown === undefined && log.problem === undefined && <RowSkeletons />}
      {log.shown !== undefined && kept === 0 && <Waiting />}
      {kept > 0 && lines.length === 0 && (
        <Empty icon={icons.search} title="No matching request">
          <button type="button" class="button" onClick={showAll}>
            Show all requests
          </button>
        </Empty>
      )}
      {lines.length > 0 && (
        <VirtualRows
          label="Requests"
          rows={lines}
          nameOf={({ number }) => number}
          rowHeight={ROW_HEIGHT}
          onEnd={log.readOn}
        >
          {(line) => (
            <LogRow
              line={line}
              withDay={withDay}
              href={href([String(line.number)])}
              isChosen={chosen === String(line.number)}
            />
          )}
        </VirtualRows>
      )}
    </>
  )

  return (
    <>
      <Head
        title="Requests"
        lead="Every request that the mock received, as it arrives, with the reason for each refusal."
      />
      {log.problem !== undefined && <Problem text={log.problem} onRetry={log.reload} />}
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

const ROW_HEIGHT = 49

/** The log as the address narrows it. Until that is read, what was shown before stays. */
function useLog(query: URLSearchParams) {
  const { api, project } = useSandbox()
  const filter = useMemo(() => {
    const wanted = FILTERS.map((name) => [name, query.get(name) ?? ''] as const)
    return Object.fromEntries([['project', project.id], ...wanted.filter(([, value]) => value !== '')])
  }, [query, project.id])
  const name = JSON.stringify(filter)
  const { data, problem, reload, change } = useLive<Log>(`log ${name}`, ['requests'], (was) =>
    readLog(api, filter, was),
  )
  const shown = useRef<Log | undefined>(undefined)
  shown.current = data ?? shown.current
  const reading = useRef<number | undefined>(undefined)
  const readOn = async () => {
    const before = data?.next ?? undefined
    if (before === undefined || reading.current === before) return
    reading.current = before
    const older = await readOlder(api, filter, before).catch(() => undefined)
    reading.current = undefined
    if (older === undefined) return
    change((was) => (was.next === before ? { ...older, lines: [...was.lines, ...older.lines] } : was))
  }
  return { shown: shown.current, filter, problem, reload, readOn }
}

interface LogRowProps {
  readonly line: JournalLine
  readonly withDay: boolean
  readonly href: string
  readonly isChosen: boolean
}

function LogRow({ line, withDay, href, isChosen }: LogRowProps) {
  const reason = reasonOf(line)
  return (
    <RowAnchor href={href} name={line.number} isChosen={isChosen} columns="log-line">
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
    </RowAnchor>
  )
}

const MAX_FOUND = 8

const SKELETONS = Array.from({ length: 8 }, (_, at) => at)

/** Rows of the shape that comes. */
function RowSkeletons() {
  return (
    <ul class="card rows-list" aria-hidden="true">
      {SKELETONS.map((at) => (
        <li key={at}>
          <span class="line log-line">
            <span class="skeleton-bar" />
            <span class="skeleton-bar" />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Waiting() {
  const { api } = useSandbox()
  const scope = useScope()
  const { data: curl } = useLive(`example ${scope.environment}`, [], () => exampleOf(api, scope))
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

/** A command that works as it is pasted, with the key of the sandbox in it; undefined where nothing is easy to read. */
async function exampleOf(api: Api, scope: ReturnType<typeof useScope>): Promise<string | undefined> {
  const { example } = await api.get<Pick<MockOverview, 'example'>>('')
  const operations = await api.get<readonly OperationName[]>('/operations')
  const found = await Promise.all(
    operations
      .filter(({ line }) => line.startsWith('GET ') && example.path.endsWith(line.slice('GET '.length)))
      .slice(0, MAX_FOUND)
      .map(({ id }) => api.get<RequestDraft>('/draft', { ...scope, operation: id })),
  )
  const draft = found.find(({ path }) => path === example.path)
  return draft && commandOf(draft, location.origin, example.security)
}

const number = new Intl.NumberFormat()

/** @param isMore whether older ones match that have not been read. */
function countOf(shown: number, kept: number, isMore: boolean): string {
  if (isMore) return `The latest ${number.format(shown)} of ${number.format(kept)}`
  if (shown < kept) return `${number.format(shown)} of ${number.format(kept)}`
  return `${number.format(kept)} ${kept === 1 ? 'request' : 'requests'}`
}

export const requestsPage = createPage(
  { id: 'requests', title: 'Requests', icon: icons.requests, shortcut: 'r' },
  Requests,
  async (api, text, { project }) => {
    const { lines } = await api.get<JournalPage>('/log', { project: project.id, text, limit: MAX_FOUND })
    return lines.toReversed().map(({ number, method, path, status }) => ({
      ...{ title: `${method} ${path}`, kind: `Request ${number}: ${status || 'no answer'}` },
      place: [String(number)],
    }))
  },
)
