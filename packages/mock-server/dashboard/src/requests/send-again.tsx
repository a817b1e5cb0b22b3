// A request that is sent again from the page, as it was or edited. The mock sends it to itself, so cookies and bodies of GET go
// with it too.

import { Choice, optionsOf, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { fieldsIn } from '../../../src/control/drafted-request.js'
import type { AnswerReceived, RequestToSend } from '../../../src/control/wire.js'
import { useSandbox } from '../page.js'

export interface SendingProps {
  readonly request: RequestToSend
  /** Told of what came back. */
  readonly onAnswer: (answer: AnswerReceived) => void
}

/** Sends requests, one at a time. */
export function useSending(onAnswer: SendingProps['onAnswer']) {
  const { api } = useSandbox()
  const action = useAction()
  const send = (request: RequestToSend) =>
    action.run(async () => onAnswer(await api.send<AnswerReceived>('POST', '/send', request)))
  return { ...action, send, answered: onAnswer }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY']

/** The form of a request: its line, its headers and its body, all of which can be changed. */
export function RequestEditor({ request, onAnswer }: SendingProps) {
  const [method, setMethod] = useState(request.method)
  const [path, setPath] = useState(request.path)
  const [headers, setHeaders] = useState(() =>
    request.headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
  )
  const [body, setBody] = useState(request.body ?? '')
  const { isBusy, problem, send } = useSending(onAnswer)
  const submit = (event: Event) => {
    event.preventDefault()
    void send({
      method,
      path: encodedPath(path),
      headers: fieldsIn(headers),
      body: body === '' ? null : body,
    })
  }
  return (
    <form class="form editor" onSubmit={submit}>
      <div class="editor-line">
        <Choice
          aria-label="Method"
          value={method}
          options={optionsOf(METHODS.includes(method) ? METHODS : [method, ...METHODS])}
          onChange={setMethod}
        />
        <input
          class="input mono"
          aria-label="Path and query"
          required
          pattern="/.*"
          title="A path such as /pets?limit=2"
          spellcheck={false}
          value={path}
          onInput={({ currentTarget }) => setPath(currentTarget.value)}
        />
      </div>
      <label class="field">
        Headers, one on each line
        <textarea
          class="input mono"
          rows={Math.min(8, headers.split('\n').length + 1)}
          spellcheck={false}
          value={headers}
          onInput={({ currentTarget }) => setHeaders(currentTarget.value)}
        />
      </label>
      <label class="field">
        Body
        <textarea
          class="input mono"
          rows={Math.min(16, body.split('\n').length + 2)}
          spellcheck={false}
          value={body}
          onInput={({ currentTarget }) => setBody(currentTarget.value)}
        />
      </label>
      {problem !== undefined && <Problem text={problem} />}
      <div class="actions">
        <button type="submit" class="button primary" disabled={isBusy}>
          {isBusy ? 'Sending…' : 'Send'}
        </button>
      </div>
    </form>
  )
}

/** Spaces and letters beyond ASCII as an address has them; what is encoded already stays. */
const encodedPath = (path: string): string => path.replaceAll(/[^!-~]/gu, encodeURIComponent)
