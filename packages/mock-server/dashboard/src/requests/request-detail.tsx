// One exchange: why it ended as it did, what was sent and what was answered.

import { Fact, Facts, Instant, Json, Notice, Problem, Skeleton, tookOf } from '@gosend/dashboard-ui'
import type { ComponentChildren } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import { reasonOf } from '../../../src/control/reasons.js'
import type { JournalEntry, SandboxKeysView } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { go, useHref, useQuery } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { isWhole, LANGUAGES, replayOf } from './replays.js'
import { RequestEditor, useSending } from './send-again.js'
import { Status } from './status.js'

export function RequestDetail({ number }: { readonly number: string }) {
  const { api } = useSandbox()
  const { data, problem } = useLive(number, [], () =>
    api.get<JournalEntry>(`/log/${encodeURIComponent(number)}`),
  )
  if (problem !== undefined) return <Problem text={problem} />
  return data === undefined ? <Skeleton /> : <Shown exchange={data} />
}

function Shown({ exchange }: { readonly exchange: JournalEntry }) {
  const { project } = useSandbox()
  const { method, path, status, keyId, clientId } = exchange
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
            'None'
          ) : (
            <a href={`#/projects/${encodeURIComponent(project.id)}/keys/${encodeURIComponent(keyId)}`}>
              <code>{keyId}</code>
            </a>
          )}
        </Fact>
        {clientId !== null && (
          <Fact name="OAuth client">
            <code>{clientId}</code>
          </Fact>
        )}
      </Facts>
      <Part title="Response body" text={textOf(exchange.responseBody)}>
        {exchange.responseBody === null ? (
          <p class="hint">The answer had no body.</p>
        ) : (
          <Json value={exchange.responseBody} label="Response body" />
        )}
      </Part>
      <SentBody exchange={exchange} />
      <Replays exchange={exchange} />
      <Part title="Request headers">
        <Headers of={exchange.headers} />
      </Part>
      <Part title="Response headers">
        <Headers of={exchange.responseHeaders} />
      </Part>
    </>
  )
}

interface PartProps {
  readonly title: string
  /** What can be copied. */
  readonly text?: string | undefined
  /** Beside the button that copies. */
  readonly action?: ComponentChildren
  readonly children: ComponentChildren
}

function Part({ title, text, action, children }: PartProps) {
  return (
    <section class="part">
      <div class="part-head">
        <h3>{title}</h3>
        {action}
        {text !== undefined && <CopyButton text={text} what={`The ${title.toLowerCase()}`} />}
      </div>
      {children}
    </section>
  )
}

function Headers({ of }: { readonly of: Readonly<Record<string, string>> }) {
  return (
    <dl class="headers">
      {Object.entries(of).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const textOf = (value: unknown): string | undefined =>
  value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value, null, 2)

/** What was sent: as it came, or what it says, with what does not fit beside its place. */
function SentBody({ exchange }: { readonly exchange: JournalEntry }) {
  const { body, bodyText, bodyBytes, headers, violations } = exchange
  const [isRaw, setRaw] = useState(false)
  const marks = useMemo(
    () =>
      violations
        .filter((violation) => violation.in === 'body')
        .map(({ location, message }) => ({ pointer: location, message })),
    [violations],
  )
  const elsewhere = violations.filter((violation) => violation.in !== 'body')
  const isDecoded = typeof body === 'object' && body !== null
  const type = headers['content-type'] ?? 'no content type'
  return (
    <Part
      title="Request body"
      text={bodyText ?? undefined}
      action={
        isDecoded &&
        bodyText !== null && (
          <button type="button" class="plain" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
            As it was sent
          </button>
        )
      }
    >
      {elsewhere.map(({ in: place, location, message }) => (
        <p key={`${place} ${location}`} class="hint">
          <code>
            {place} {location}
          </code>{' '}
          {message}
        </p>
      ))}
      {bodyText === null && bodyBytes === null && <p class="hint">The request had no body.</p>}
      {bodyText === null && bodyBytes !== null && !isDecoded && (
        <p class="hint">
          {sizeOf(bodyBytes)} of {type}, which is no text.
        </p>
      )}
      {bodyText !== null && bodyBytes !== null && !isWhole(exchange) && (
        <p class="hint">
          {sizeOf(bodyBytes)}, of which the first {sizeOf(new Blob([bodyText]).size)} are kept.
        </p>
      )}
      {(bodyText !== null || isDecoded) && (
        <Json
          value={isDecoded && !isRaw ? body : bodyText}
          label="Request body"
          marks={isDecoded && !isRaw ? marks : []}
        />
      )}
    </Part>
  )
}

const sizeOf = (bytes: number): string =>
  bytes < 1_024 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : `${Math.round(bytes / 1_024)} KiB`

/** The request, to be sent again from here or from elsewhere, with the mock's own key in the place of a hidden credential. */
function Replays({ exchange }: { readonly exchange: JournalEntry }) {
  const { api, announce } = useSandbox()
  const href = useHref()
  const [query] = useQuery()
  const [isEdited, setEdited] = useState(false)
  const { data: keys } = useLive('keys', [], () => api.get<SandboxKeysView>('/keys'))
  const sending = useSending(({ status, number }) => {
    announce(status === 0 ? 'The connection was ended without an answer.' : `Answered ${status}.`)
    if (number !== null) go(href([String(number)]) + (query.size === 0 ? '' : `?${query}`))
  })
  if (keys === undefined) return null
  const replay = replayOf(exchange, location.origin, keys)
  const request = {
    method: replay.method,
    path: replay.url.slice(location.origin.length),
    headers: replay.headers,
    body: replay.body ?? null,
  }
  const isComplete = isWhole(exchange)
  return (
    <Part title="Send it again">
      {!isComplete && <p class="hint">The log does not have the whole body: edit the request to enter it.</p>}
      <div class="replays">
        <button
          type="button"
          class="button small primary"
          disabled={sending.isBusy || !isComplete}
          onClick={() => sending.send(request)}
        >
          Send again
        </button>
        <button
          type="button"
          class="button small"
          aria-expanded={isEdited}
          onClick={() => setEdited(!isEdited)}
        >
          Edit and send
        </button>
        {Object.entries(LANGUAGES).map(([language, write]) => (
          <CopyButton
            key={language}
            text={() => write(replay)}
            what={`The request as ${language}`}
            isOff={!isComplete}
          >
            {`Copy as ${language}`}
          </CopyButton>
        ))}
      </div>
      {sending.problem !== undefined && <Problem text={sending.problem} />}
      {isEdited && <RequestEditor request={request} onAnswer={sending.answered} />}
    </Part>
  )
}
