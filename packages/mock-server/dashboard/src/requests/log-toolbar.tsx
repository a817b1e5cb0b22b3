// What narrows the log: each filter stands in the address.

import { Choice, optionsOf, Search } from '@gosend/dashboard-ui'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { CREDENTIAL, CREDENTIALS } from '../../../src/control/reasons.js'
import type { JournalLine, OperationName } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { ENVIRONMENTS } from '../place.js'

export const FILTERS = ['text', 'method', 'status', 'operation', 'key', 'reason', 'environment'] as const
export type FilterName = (typeof FILTERS)[number]

export interface LogToolbarProps {
  readonly query: URLSearchParams
  readonly onChange: (changes: Readonly<Partial<Record<FilterName, string>>>) => void
  readonly lines: readonly JournalLine[]
  /** The count, and what can be done with it. */
  readonly children: ComponentChildren
}

type Options = readonly (readonly [value: string, name: string])[]

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY']
const STATUSES: Options = [
  ['ok', 'Succeeded'],
  ['4xx', 'Refused (4xx)'],
  ['5xx', 'Failed (5xx)'],
  ['none', 'No answer'],
]
const REASONS: Options = [
  [CREDENTIAL.trim(), 'Any credential problem'],
  ...Object.entries(CREDENTIALS).map(
    ([code, text]) => [CREDENTIAL + code, text.replace(/[.,:].*$/, '')] as const,
  ),
  ['fault', 'A fault'],
]

const distinct = (values: readonly (string | null)[]): readonly string[] =>
  [...new Set(values)].filter((value) => value !== null).sort()

export function LogToolbar({ query, onChange, lines, children }: LogToolbarProps) {
  const { api } = useSandbox()
  const { data: operations = [] } = useLive('operations', [], () =>
    api.get<readonly OperationName[]>('/operations'),
  )
  const options: Readonly<
    Record<Exclude<FilterName, 'text'>, readonly [name: string, all: string, Options]>
  > = {
    method: ['Method', 'All methods', optionsOf(METHODS)],
    status: [
      'Status',
      'All statuses',
      [
        ...STATUSES,
        ...optionsOf(distinct(lines.map(({ status }) => (status === 0 ? null : String(status))))),
      ],
    ],
    operation: ['Operation', 'All operations', operations.map(({ id }) => [id, id])],
    key: ['Key', 'All keys', optionsOf(distinct(lines.map(({ keyId }) => keyId)))],
    reason: ['Reason', 'Any reason', REASONS],
    environment: ['Environment', 'All environments', optionsOf(ENVIRONMENTS)],
  }
  return (
    <search class="toolbar log-toolbar">
      <SlowSearch value={query.get('text') ?? ''} onChange={(text) => onChange({ text })} />
      <div class="filters">
        {Object.entries(options).map(([name, [label, all, known]]) => {
          const value = query.get(name) ?? ''
          // An address may ask for what is not in the list.
          const own: Options = value === '' || known.some(([one]) => one === value) ? [] : [[value, value]]
          return (
            <Choice
              key={name}
              aria-label={label}
              value={value}
              options={[['', all], ...own, ...known]}
              onChange={(next) => onChange({ [name]: next })}
            />
          )
        })}
      </div>
      {children}
    </search>
  )
}

/** The whole log is searched: not for every letter. */
const PAUSE_MS = 150

function SlowSearch({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const timer = useRef(0)
  useEffect(() => setText(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <Search
      label="Search requests"
      hint="Path, operation, reason or key"
      value={text}
      onInput={(next) => {
        setText(next)
        clearTimeout(timer.current)
        timer.current = window.setTimeout(() => onChange(next), PAUSE_MS)
      }}
    />
  )
}
