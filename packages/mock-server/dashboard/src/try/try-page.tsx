// A request for any operation of the document, filled in so that it can be sent at once, and what came back.

import { Choice, Problem, Skeleton } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { requestOf } from '../../../src/control/drafted-request.js'
import type { AnswerReceived, OperationName, RequestDraft } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { go, useChoice, useHref, useScope } from '../place.js'
import { LANGUAGES } from '../requests/replays.js'
import { useSending } from '../requests/send-again.js'
import { CopyButton } from '../ui/copy-button.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { Answer } from './answer.js'

function Try() {
  const { api } = useSandbox()
  const href = useHref()
  const scope = useScope()
  const [chosen] = useChoice()
  const { data: operations, problem } = useLive('operations', [], () =>
    api.get<readonly OperationName[]>('/operations'),
  )
  // The first that reads something answers whatever was done before.
  const first =
    operations?.find(({ line }) => line.startsWith('GET ') && !line.includes('{')) ?? operations?.[0]
  const operation = operations?.find(({ id }) => id === chosen) ?? (chosen === undefined ? first : undefined)
  return (
    <>
      <Head
        title="Try it"
        lead="Send a request to any operation. It is filled in with the key and with what is stored."
      >
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} />}
      {operations !== undefined && (
        <label class="field">
          Operation
          <Choice
            value={operation?.id ?? ''}
            options={[
              ...(operation === undefined ? [['', 'Choose an operation'] as const] : []),
              ...operations.map(({ id, line }) => [id, line === id ? line : `${line}  (${id})`] as const),
            ]}
            onChange={(id) => go(href([id]))}
          />
        </label>
      )}
      {operations === undefined && problem === undefined && <Skeleton />}
      {operation !== undefined && (
        <Operation key={`${operation.id} ${scope.project} ${scope.environment}`} id={operation.id} />
      )}
      {operations !== undefined && operation === undefined && (
        <Problem text={`The document has no operation ${chosen}.`} />
      )}
    </>
  )
}

function Operation({ id }: { readonly id: string }) {
  const { api } = useSandbox()
  const scope = useScope()
  const { data, problem } = useLive(`draft ${id}`, [], () =>
    api.get<RequestDraft>('/draft', { ...scope, operation: id }),
  )
  if (problem !== undefined) return <Problem text={problem} />
  return data === undefined ? <Skeleton /> : <Filled draft={data} />
}

function Filled({ draft }: { readonly draft: RequestDraft }) {
  const [values, setValues] = useState(() =>
    draft.parameters.map(({ required, value }) => (required ? value : '')),
  )
  const [headers, setHeaders] = useState(() =>
    draft.headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
  )
  const [body, setBody] = useState(draft.body)
  const [answer, setAnswer] = useState<AnswerReceived>()
  const sending = useSending(setAnswer)
  const request = requestOf(draft, values, headers, body)
  const submit = (event: Event) => {
    event.preventDefault()
    void sending.send(request)
  }
  return (
    <div class="columns try">
      <form class="card form" aria-label="Request" onSubmit={submit}>
        <p class="try-line">
          <b>{draft.method}</b> <code>{request.path}</code>
        </p>
        {draft.parameters.map(({ name, in: place, required, value, about }, at) => (
          <label key={`${place} ${name} ${at}`} class="field">
            <span>
              {name}
              <span class="hint">
                {' '}
                {place}
                {required ? '' : ', optional'}
              </span>
            </span>
            <input
              class="input mono"
              title={about}
              placeholder={required ? '' : value}
              required={required && place === 'path'}
              spellcheck={false}
              value={values[at]}
              onInput={({ currentTarget }) => setValues(values.with(at, currentTarget.value))}
            />
          </label>
        ))}
        <label class="field">
          Headers
          <textarea
            class="input mono"
            rows={headers.split('\n').length + 1}
            spellcheck={false}
            value={headers}
            onInput={({ currentTarget }) => setHeaders(currentTarget.value)}
          />
        </label>
        {draft.body !== null && (
          <label class="field">
            Body
            <textarea
              class="input mono"
              rows={Math.min(20, (body ?? '').split('\n').length + 1)}
              spellcheck={false}
              value={body ?? ''}
              onInput={({ currentTarget }) => setBody(currentTarget.value)}
            />
          </label>
        )}
        {sending.problem !== undefined && <Problem text={sending.problem} />}
        <div class="replays">
          <button type="submit" class="button primary" disabled={sending.isBusy}>
            {sending.isBusy ? 'Sending…' : 'Send'}
          </button>
          {Object.entries(LANGUAGES).map(([language, write]) => (
            <CopyButton
              key={language}
              text={() =>
                write({ ...request, url: location.origin + request.path, body: request.body ?? undefined })
              }
              what={`The request as ${language}`}
            >
              {`Copy as ${language}`}
            </CopyButton>
          ))}
        </div>
        <p class="hint">
          <a href="/reference">What the document says about it</a>
        </p>
      </form>
      <Answer answer={answer} />
    </div>
  )
}

export const tryPage = createPage(
  { id: 'try', title: 'Try it', icon: icons.send, shortcut: 'y' },
  Try,
  async (api, text) => {
    const operations = await api.get<readonly OperationName[]>('/operations', { search: text })
    return operations.map(({ id, line, summary }) => ({
      ...{ title: summary === undefined ? line : `${line}  ${summary}`, kind: 'Operation' },
      place: [id],
    }))
  },
)
