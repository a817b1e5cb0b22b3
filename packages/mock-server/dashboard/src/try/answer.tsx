// What the mock answered to a request that was sent from the page.

import { Json, Notice, tookOf } from '@gosend/dashboard-ui'
import type { AnswerReceived } from '../../../src/control/wire.js'
import { useHref } from '../place.js'
import { Status } from '../requests/status.js'
import { CopyButton } from '../ui/copy-button.js'

/** @param answer undefined before anything was sent. */
export function Answer({ answer }: { readonly answer: AnswerReceived | undefined }) {
  const href = useHref()
  return (
    <section class="card answer" aria-label="Answer" aria-live="polite">
      {answer === undefined ? (
        <p class="hint">The answer appears here.</p>
      ) : (
        <>
          <div class="part-head">
            <h3>
              <Status of={answer.status} /> <span class="hint">{tookOf(answer.durationMs)}</span>
            </h3>
            {answer.number !== null && (
              <a class="button small" href={href([String(answer.number)], 'requests')}>
                Open in the log
              </a>
            )}
            {answer.body !== '' && <CopyButton text={answer.body} what="The answer" />}
          </div>
          {answer.status === 0 && <Notice tone="bad">The connection was ended without an answer.</Notice>}
          {answer.body === '' && answer.status !== 0 && <p class="hint">The answer had no body.</p>}
          {answer.body !== '' && <Json value={parsedOr(answer.body)} label="Answer body" />}
          <details>
            <summary>Headers</summary>
            <dl class="headers">
              {Object.entries(answer.headers).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        </>
      )}
    </section>
  )
}

/** Its JSON, or the text itself. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
