// What every page shows of a delivery, whatever API sends it: what became of it, what was sent, and how to send it again.

import { Facts, Json, Notice, Problem, useAction } from '@gosend/dashboard-ui'
import type { ComponentChildren, ComponentProps } from 'preact'
import { useState } from 'preact/hooks'
import { useSandbox } from '../page.js'
import { CopyButton } from '../ui/copy-button.js'
import { Attempts, DeliveryStatus } from './attempts.js'

export interface DeliveryViewProps {
  /** What became of it, after how many attempts. */
  readonly outcome: ComponentProps<typeof DeliveryStatus>
  readonly event: string
  /** Where it goes. */
  readonly address: string
  readonly error: string | null
  /** Each of them a fact. */
  readonly facts: ComponentChildren
  readonly attempts: ComponentProps<typeof Attempts>['attempts']
  readonly headers: Readonly<Record<string, string>>
  /** As it is posted. */
  readonly body: string
  /** What stands at the headers, where the API signs what it sends. */
  readonly signature?: { readonly text: string; readonly about: string } | undefined
  /** Whether another payload can be sent. */
  readonly isEditable: boolean
  /** @param edited undefined sends what was sent. */
  readonly onResend: (edited: { readonly body: unknown } | undefined) => Promise<void>
}

export function DeliveryView(props: DeliveryViewProps) {
  const { outcome, event, address, error, facts, attempts, headers, body, signature, isEditable, onResend } =
    props
  const { announce } = useSandbox()
  const resending = useAction()
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const value = jsonIn(body)
  const resend = () =>
    resending.run(async () => {
      await onResend(draft === undefined ? undefined : { body: JSON.parse(draft) as unknown })
      setDraft(undefined)
      announce('It is sent once more.')
    })
  return (
    <>
      <header class="detail-head">
        <h2>
          <DeliveryStatus {...outcome} />
          <code>{event}</code>
        </h2>
        <p class="hint clamp">{address}</p>
      </header>
      {error !== null && <Notice tone="bad">{error}</Notice>}
      <div class="button-row">
        <button type="button" class="button" disabled={resending.isBusy} onClick={resend}>
          {draft === undefined ? 'Send again' : 'Send edited'}
        </button>
        {isEditable && value !== undefined && (
          <button
            type="button"
            class="button"
            onClick={() => setDraft(draft === undefined ? JSON.stringify(value, null, 2) : undefined)}
          >
            {draft === undefined ? 'Edit' : 'Discard changes'}
          </button>
        )}
      </div>
      {resending.problem !== undefined && <Problem text={resending.problem} />}
      <Facts>{facts}</Facts>
      <Attempts attempts={attempts} />
      <section class="part">
        <div class="part-head">
          <h3>Headers</h3>
          {signature !== undefined && <CopyButton text={signature.text} what="The signature" />}
        </div>
        <dl class="headers">
          {Object.entries(headers).map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        {signature !== undefined && <p class="hint">{signature.about}</p>}
      </section>
      <section class="part">
        <div class="part-head">
          <h3>Payload</h3>
          <CopyButton text={body} what="The payload as it was sent" />
        </div>
        {draft !== undefined && (
          <textarea
            class="input payload-edit"
            aria-label="Payload"
            value={draft}
            onInput={({ currentTarget }) => setDraft(currentTarget.value)}
          />
        )}
        {draft === undefined &&
          (value === undefined ? <pre>{body}</pre> : <Json value={value} label="Payload" />)}
      </section>
    </>
  )
}

/** Undefined for what is no JSON, such as a form. */
function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
