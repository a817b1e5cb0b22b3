// One template: how it looks on a phone, and the buttons of its reviewer.

import { dayAndTimeOf, Fact, Facts, Json, Notice, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { useSandbox } from '../page.js'
import { useScope } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import type { Template } from './data.js'
import { TemplateStatus } from './template-status.js'

export interface TemplateDetailProps {
  readonly template: Template
  readonly onReview: () => void
}

export function TemplateDetail({ template, onReview }: TemplateDetailProps) {
  const { id, waba_id, name, language, category, status, rejection_reason, components, updated_at } = template
  return (
    <>
      <header class="detail-head">
        <h2>
          <TemplateStatus status={status} />
          <code>{name}</code>
        </h2>
      </header>
      {rejection_reason !== null && <Notice tone="bad">{rejection_reason}</Notice>}
      <Review template={template} onReview={onReview} />
      <Preview components={components} />
      <Facts>
        <Fact name="Language">{language}</Fact>
        <Fact name="Category">{category.toLowerCase()}</Fact>
        <Fact name="Id">
          <code>{id}</code> in WABA <code>{waba_id}</code>
        </Fact>
        <Fact name="Changed">{dayAndTimeOf(updated_at)}</Fact>
      </Facts>
      <section class="part">
        <div class="part-head">
          <h3>As the API shows it</h3>
          <CopyButton text={JSON.stringify(template, null, 2)} what="The template" />
        </div>
        <Json value={template} label="Template" />
      </section>
    </>
  )
}

function Review({ template, onReview }: TemplateDetailProps) {
  const { api, announce } = useSandbox()
  const scope = useScope()
  const [reason, setReason] = useState('')
  const { isBusy, problem, run } = useAction()
  const { id, waba_id, name, status } = template
  const decide = (verdict: 'approve' | 'reject' | 'pause', done: string) =>
    run(async () => {
      const body = verdict === 'reject' && reason !== '' ? { reason } : undefined
      await api.send(
        'POST',
        `/wabas/${encodeURIComponent(waba_id)}/templates/${encodeURIComponent(id)}/${verdict}`,
        body,
        scope,
      )
      onReview()
      announce(`${name} is ${done}.`)
    })
  return (
    <section class="part" aria-label="Review">
      <div class="button-row">
        {status !== 'APPROVED' && (
          <button
            type="button"
            class="button primary"
            disabled={isBusy}
            onClick={() => decide('approve', 'approved')}
          >
            Approve
          </button>
        )}
        {status === 'APPROVED' && (
          <button type="button" class="button" disabled={isBusy} onClick={() => decide('pause', 'paused')}>
            Pause
          </button>
        )}
        {status !== 'REJECTED' && (
          <form
            class="inline-form"
            onSubmit={(event) => {
              event.preventDefault()
              decide('reject', 'rejected')
            }}
          >
            <input
              class="input"
              aria-label="Reason of a rejection"
              placeholder="Reason, if any"
              maxLength={500}
              value={reason}
              onInput={({ currentTarget }) => setReason(currentTarget.value)}
            />
            <button type="submit" class="button danger-text" disabled={isBusy}>
              Reject
            </button>
          </form>
        )}
      </div>
      {problem !== undefined && <Problem text={problem} />}
    </section>
  )
}

function Preview({ components }: { readonly components: Template['components'] }) {
  return (
    <section class="template-preview" aria-label="Preview">
      <div class="bubble outbound">
        <div class="bubble-text">
          {components.map((component) => {
            switch (component.type) {
              case 'HEADER':
                return <strong key="header">{component.text ?? `[${component.format.toLowerCase()}]`}</strong>
              case 'BODY':
                return (
                  <span key="body" class="bubble-body">
                    {component.text ?? 'Meta writes this text.'}
                  </span>
                )
              case 'FOOTER':
                return (
                  <span key="footer" class="hint">
                    {component.text}
                  </span>
                )
              default:
                return null
            }
          })}
        </div>
        {components.map(
          (component) =>
            component.type === 'BUTTONS' && (
              <ul key="buttons" class="template-buttons">
                {component.buttons.map((button, at) => (
                  <li key={`${at} ${button.type}`}>{'text' in button ? button.text : button.type}</li>
                ))}
              </ul>
            ),
        )}
      </div>
    </section>
  )
}
