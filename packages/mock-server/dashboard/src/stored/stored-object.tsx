// One stored object: its value, which can be edited or deleted, and the requests that made and changed it.

import { Confirm, Instant, Json, Problem, Skeleton, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { reasonOf } from '../../../src/control/reasons.js'
import type { JournalLine, StoredObject as Stored } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { go, topicOf, useHref, useScope } from '../place.js'
import { Status } from '../requests/status.js'
import { CopyButton } from '../ui/copy-button.js'

export interface StoredObjectProps {
  readonly collection: string
  readonly id: string
}

export function StoredObject({ collection, id }: StoredObjectProps) {
  const { api, announce } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const [state, setState] = useState<'shown' | 'edited' | 'deleting'>('shown')
  const place = { ...scope, name: collection, id }
  const { data, problem, reload } = useLive(`object ${id}`, [topicOf(scope, collection)], () =>
    api.get<Stored>('/item', place),
  )
  const deleteIt = async () => {
    await api.send('DELETE', '/item', undefined, place)
    announce(`${id} has been deleted.`)
    go(href([collection]))
  }
  return (
    <>
      <header class="detail-head">
        <a class="hint" href={href([collection])}>
          {collection}
        </a>
        <h2>
          <code>{id}</code>
        </h2>
      </header>
      {problem !== undefined && <Problem text={problem} />}
      {data === undefined && problem === undefined && <Skeleton />}
      {data !== undefined && state !== 'edited' && (
        <section class="part" aria-label="Value">
          <div class="replays">
            <button
              type="button"
              class="button small"
              disabled={!data.isEditable}
              title={data.isEditable ? undefined : 'This object is too large to be edited here'}
              onClick={() => setState('edited')}
            >
              Edit
            </button>
            <button type="button" class="button small" onClick={() => setState('deleting')}>
              Delete
            </button>
            <CopyButton text={JSON.stringify(data.value, null, 2)} what={`Object ${id}`} />
          </div>
          <Json value={data.value} label={`Object ${id}`} />
        </section>
      )}
      {data !== undefined && state === 'edited' && (
        <Editor
          value={data.value}
          onSave={async (value) => {
            await api.send('PUT', '/item', value, place)
            reload()
            setState('shown')
            announce(`${id} has been saved.`)
          }}
          onCancel={() => setState('shown')}
        />
      )}
      {data !== undefined && <History lines={data.history} />}
      {state === 'deleting' && (
        <Confirm
          title={`Delete ${id}?`}
          action="Delete"
          onConfirm={deleteIt}
          onClose={() => setState('shown')}
        >
          <p>The next request for it is answered as if it had been deleted through the API.</p>
        </Confirm>
      )}
    </>
  )
}

interface EditorProps {
  readonly value: unknown
  readonly onSave: (value: unknown) => Promise<void>
  readonly onCancel: () => void
}

function Editor({ value, onSave, onCancel }: EditorProps) {
  const [text, setText] = useState(() => JSON.stringify(value, null, 2))
  const [fault, setFault] = useState<string>()
  const { isBusy, problem, run } = useAction()
  const submit = (event: Event) => {
    event.preventDefault()
    const parsed = parse(text)
    setFault(parsed.ok ? undefined : parsed.message)
    if (parsed.ok) void run(() => onSave(parsed.value))
  }
  return (
    <form class="form editor" onSubmit={submit}>
      <label class="field">
        Object
        <textarea
          class="input mono"
          rows={Math.min(24, text.split('\n').length + 1)}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <p class="hint">A value that reads [redacted] stays as it is stored.</p>
      {(fault ?? problem) !== undefined && <Problem text={fault ?? problem ?? ''} />}
      <div class="replays">
        <button type="submit" class="button primary" disabled={isBusy}>
          Save
        </button>
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  )
}

type Parsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string }

function parse(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return {
      ok: false,
      message: `This is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}

function History({ lines }: { readonly lines: readonly JournalLine[] }) {
  const href = useHref()
  return (
    <section class="part" aria-label="History">
      <h3>History</h3>
      {lines.length === 0 && (
        <p class="hint">
          No request of the log made or changed it: it was there from the start, or the log is younger.
        </p>
      )}
      <ul class="changes">
        {lines.map((line) => (
          <li key={line.number}>
            <Status of={line.status} />
            <a class="cut" href={href([String(line.number)], 'requests')} title={reasonOf(line)}>
              {line.method} {line.path}
            </a>
            <span class="hint">
              {line.keyId !== null && <code>{line.keyId}</code>} <Instant at={line.at} withDay />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
