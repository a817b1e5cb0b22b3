// One exchange: why it ended as it did, what was sent and what was answered.

import { Fact, Facts, Instant, Json, Notice, Problem, tookOf } from '@gosend/dashboard-ui'
import type { JournalEntry, MockOverview } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { CopyButton } from '../ui/copy-button.js'
import { reasonOf } from './log.js'
import { Status } from './status.js'

export function RequestDetail({ number }: { readonly number: string }) {
  const { api } = useSandbox()
  const { data, problem } = useLive(number, [], () =>
    api.get<JournalEntry>(`/log/${encodeURIComponent(number)}`),
  )
  if (problem !== undefined) return <Problem text={problem} />
  return data === undefined ? <div class="skeleton" /> : <Shown exchange={data} />
}

function Shown({ exchange }: { readonly exchange: JournalEntry }) {
  const { api, project } = useSandbox()
  const { data: overview } = useLive('overview', [], () => api.get<Pick<MockOverview, 'keyVariable'>>(''))
  const { method, path, headers, body, responseBody, status, keyId } = exchange
  const reason = reasonOf(exchange)
  return (
    <>
      <header class="detail-head">
        <h2>
          <Status of={status} />
          <code>
            {method} <span class="detail-path">{path}</span>
          </code>
        </h2>
      </header>
      {reason !== undefined && (
        <Notice tone={status === 0 || status >= 500 ? 'bad' : 'caution'}>{reason}</Notice>
      )}
      <Facts>
        <Fact name="Time">
          <Instant at={exchange.at} withDay />
        </Fact>
        <Fact name="Took">{tookOf(exchange.durationMs)}</Fact>
        <Fact name="Source">{exchange.source ?? 'None'}</Fact>
        <Fact name="Operation">{exchange.operationId ? <code>{exchange.operationId}</code> : 'None'}</Fact>
        <Fact name="Environment">{exchange.environment ?? 'Unknown'}</Fact>
        <Fact name="Key">
          {keyId === null ? (
            'None that was let in'
          ) : (
            <a href={`#/projects/${encodeURIComponent(project.id)}/keys/${encodeURIComponent(keyId)}`}>
              <code>{keyId}</code>
            </a>
          )}
        </Fact>
      </Facts>
      <Section title="Response body" value={responseBody} none="The answer had no body." />
      <Section title="Request body" value={body} none="The request had no body." />
      <section class="part">
        <div class="part-head">
          <h3>Request headers</h3>
          <CopyButton text={curlOf(exchange, overview?.keyVariable ?? 'API_KEY')} what="The request as curl">
            Copy as curl
          </CopyButton>
        </div>
        <dl class="headers">
          {Object.entries(headers).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
}

function Section({
  title,
  value,
  none,
}: {
  readonly title: string
  readonly value: unknown
  readonly none: string
}) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return (
    <section class="part">
      <div class="part-head">
        <h3>{title}</h3>
        {value !== null && <CopyButton text={text} what={`The ${title.toLowerCase()}`} />}
      </div>
      {value === null ? <p class="hint">{none}</p> : <Json value={value} label={title} />}
    </section>
  )
}

/** Headers that curl sends by itself, or that belong to another connection. */
const OWN = new Set([
  'host',
  'connection',
  'content-length',
  'accept-encoding',
  'user-agent',
  'accept',
  'accept-language',
  'sec-fetch-mode',
])
const REDACTED = '[redacted]'

/** The request for a shell; credentials are taken from the environment. */
function curlOf({ method, path, headers, body }: JournalEntry, keyVariable: string): string {
  const shown = Object.entries(headers)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) =>
      value === REDACTED ? `-H "${name}: $${keyVariable}"` : `-H ${quoted(`${name}: ${value}`)}`,
    )
  const data = body === null ? [] : [`-d ${quoted(typeof body === 'string' ? body : JSON.stringify(body))}`]
  return [`curl -X ${method} ${quoted(location.origin + path)}`, ...shown, ...data].join(' \\\n  ')
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`
