// The dialogs that make, change, rotate, disable, enable and revoke a key.

import {
  Ago,
  Choice,
  Confirm,
  closeDialog,
  Dialog,
  Problem,
  useAction,
  useHold,
  useNow,
} from '@gosend/dashboard-ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { answer, api, inFull, type Key, type NewKey } from '../api.js'
import { Field } from '../ui/field.js'
import { announce } from '../ui/toast.js'
import { EnvironmentBadge } from './badges.js'
import { attributesOf, changesOf, draftOf, emptyDraft, expiries, expiryOf } from './draft.js'
import { KeyForm } from './key-form.js'
import { NewKeyPanel } from './new-key.js'
import { type KeyAction, statusOf } from './status.js'

/** What a dialog is about. */
export type KeyTask = { readonly action: 'create' } | { readonly action: KeyAction; readonly key: Key }

export interface KeyDialogProps {
  readonly task: KeyTask
  readonly projectId: string
  readonly environments: readonly string[]
  readonly keys: readonly Key[]
  /** Told of every key that is new or different. */
  readonly onChange: (keys: readonly Key[]) => void
  readonly onClose: () => void
}

export function KeyDialog(props: KeyDialogProps) {
  const { task } = props
  if (task.action === 'create') return <CreateDialog {...props} />
  const Task = tasks[task.action]
  return <Task {...props} target={task.key} />
}

interface TargetProps extends KeyDialogProps {
  readonly target: Key
}

function CreateDialog({ projectId, environments, keys, onChange, onClose }: KeyDialogProps) {
  const now = useNow()
  const { issued, show, close, panel, onHeld } = useNewKey(onClose)
  return (
    <Dialog title={issued === undefined ? 'Create key' : 'Save your key'} onClose={close} onHeld={onHeld}>
      {issued === undefined ? (
        <KeyForm
          initial={emptyDraft(environments[0] ?? '')}
          environments={environments}
          knownScopes={scopesIn(keys)}
          action="Create key"
          onSubmit={async (draft) => {
            const body = { ...attributesOf(draft, now), environment: draft.environment }
            const params = { path: { projectId } }
            const made = inFull(await answer(api.POST('/projects/{projectId}/keys', { params, body })))
            onChange([withoutSecret(made)])
            show(made)
          }}
        />
      ) : (
        <NewKeyPanel issued={issued} {...panel} />
      )}
    </Dialog>
  )
}

function EditDialog({ target, projectId, keys, onChange, onClose }: TargetProps) {
  const now = useNow()
  return (
    <Dialog title="Edit key" onClose={onClose}>
      <KeyForm
        initial={draftOf(target)}
        knownScopes={scopesIn(keys)}
        action="Save"
        onSubmit={async (draft) => {
          const params = { path: { projectId, keyId: target.id } }
          const body = changesOf(draft, target, now)
          onChange([await answer(api.PATCH('/projects/{projectId}/keys/{keyId}', { params, body }))])
          announce('Saved.')
          onClose()
        }}
      />
    </Dialog>
  )
}

const HOUR_MS = 3_600_000
const newExpiries = expiries.filter(([value]) => value !== 'date')
// By their hours.
const gracePeriods = [
  ['0', 'At once'],
  ['1', 'After 1 hour'],
  ['24', 'After 24 hours'],
  ['168', 'After 7 days'],
] as const
type GracePeriod = (typeof gracePeriods)[number][0]

function RotateDialog({ target, projectId, onChange, onClose }: TargetProps) {
  const now = useNow()
  const [isExpired] = useState(statusOf(target, now) === 'expired')
  const [gracePeriod, setGracePeriod] = useState<GracePeriod>('0')
  const [expiry, setExpiry] = useState<string>('never')
  const { isBusy, problem, run } = useAction()
  const { issued, show, close, panel, onHeld } = useNewKey(onClose)
  const params = { path: { projectId, keyId: target.id } }

  const rotate = () =>
    run(async () => {
      const body = isExpired
        ? { expiresAt: expiryOf({ expiry, date: '' }, now) }
        : { gracePeriodMs: Number(gracePeriod) * HOUR_MS }
      const made = inFull(
        await answer(api.POST('/projects/{projectId}/keys/{keyId}/rotate', { params, body })),
      )
      onChange([withoutSecret(made)])
      show(made)
      onChange([await answer(api.GET('/projects/{projectId}/keys/{keyId}', { params }))])
    })

  return (
    <Dialog
      title={issued === undefined ? `Rotate “${short(target.label)}”?` : 'Save your new key'}
      onClose={close}
      onHeld={onHeld}
    >
      {issued !== undefined ? (
        <NewKeyPanel issued={issued} {...panel} />
      ) : (
        <div class="form">
          <Target target={target} />
          <p>
            A new key with the same label, scopes and allowlist replaces this one.{' '}
            {isExpired ? (
              'The old key has expired and cannot be extended any more.'
            ) : gracePeriod === '0' ? (
              <strong>Everything that still uses the old key stops working at once.</strong>
            ) : (
              <strong>Everything that still uses the old key by then stops working.</strong>
            )}{' '}
            Its requests are refused with 401.
          </p>
          {isExpired ? (
            <Field label="The new key expires">
              {(control) => <Choice {...control} value={expiry} options={newExpiries} onChange={setExpiry} />}
            </Field>
          ) : (
            <Field label="The old key stops working">
              {(control) => (
                <Choice {...control} value={gracePeriod} options={gracePeriods} onChange={setGracePeriod} />
              )}
            </Field>
          )}
          {problem !== undefined && <Problem text={problem} />}
          <footer class="dialog-foot">
            <button type="button" class="button" autofocus onClick={closeDialog}>
              Cancel
            </button>
            <button type="button" class="button primary" disabled={isBusy} onClick={rotate}>
              Rotate
            </button>
          </footer>
        </div>
      )}
    </Dialog>
  )
}

function RevokeDialog({ target, projectId, onChange, onClose }: TargetProps) {
  const params = { path: { projectId, keyId: target.id } }
  const revoke = async () => {
    onChange([await answer(api.POST('/projects/{projectId}/keys/{keyId}/revoke', { params }))])
    announce(`“${short(target.label)}” is revoked.`)
  }
  return (
    <Confirm title={`Revoke “${short(target.label)}”?`} action="Revoke" onConfirm={revoke} onClose={onClose}>
      <Target target={target} />
      <p>
        <strong>Everything that uses this key stops working at once, for good.</strong> Requests with it are
        refused with 401. A revoked key cannot be brought back; what needs access then needs a new key.
      </p>
    </Confirm>
  )
}

function DisableDialog({ target, projectId, onChange, onClose }: TargetProps) {
  const params = { path: { projectId, keyId: target.id } }
  const disable = async () => {
    onChange([await answer(api.POST('/projects/{projectId}/keys/{keyId}/disable', { params }))])
    announce(`“${short(target.label)}” is disabled.`)
  }
  return (
    <Confirm
      title={`Disable “${short(target.label)}”?`}
      action="Disable"
      onConfirm={disable}
      onClose={onClose}
    >
      <Target target={target} />
      <p>
        <strong>Everything that uses this key stops working at once, until you enable it again.</strong>{' '}
        Requests with it are refused with 401.
        {target.rotatedFrom !== null && ' The key that it replaced follows, if it still works.'}
      </p>
    </Confirm>
  )
}

function EnableDialog({ target, projectId, onChange, onClose }: TargetProps) {
  const params = { path: { projectId, keyId: target.id } }
  const enable = async () => {
    onChange([await answer(api.POST('/projects/{projectId}/keys/{keyId}/enable', { params }))])
    announce(`“${short(target.label)}” is enabled.`)
  }
  return (
    <Confirm
      title={`Enable “${short(target.label)}”?`}
      action="Enable"
      isHarmless
      onConfirm={enable}
      onClose={onClose}
    >
      <Target target={target} />
      <p>Requests with this key are accepted again at once, until it expires or is disabled.</p>
    </Confirm>
  )
}

const tasks = {
  edit: EditDialog,
  rotate: RotateDialog,
  disable: DisableDialog,
  enable: EnableDialog,
  revoke: RevokeDialog,
}

function Target({ target }: { readonly target: Key }) {
  return (
    <div class="target">
      <p class="target-label">{target.label}</p>
      <p>
        <code>{target.hint}</code> <EnvironmentBadge name={target.environment} />
      </p>
      <p class="hint">
        {target.lastUsedAt === null ? (
          'Never used.'
        ) : (
          <>
            Last used <Ago at={target.lastUsedAt} />.
          </>
        )}
      </p>
    </div>
  )
}

/** Holds a new key while its dialog is open; until somebody has copied it, only a clear answer closes that. */
function useNewKey(onClose: () => void) {
  const [issued, setIssued] = useState<NewKey>()
  const [isCopied, setCopied] = useState(false)
  const [isWarned, setWarned] = useState(false)
  const isHeld = issued !== undefined && !isCopied
  const warn = () => setWarned(true)
  useHold(isHeld, warn)
  const isOpen = useRef(true)
  useEffect(
    () => () => {
      isOpen.current = false
    },
    [],
  )
  return {
    issued,
    show(made: NewKey) {
      if (isOpen.current) setIssued(made)
      else announce(NOT_COPIED)
    },
    onHeld: isHeld ? warn : undefined,
    panel: {
      isWarned: isWarned && isHeld,
      onHeld: isHeld ? warn : undefined,
      onCopied: () => setCopied(true),
    },
    close() {
      setIssued(undefined)
      if (issued !== undefined && !isCopied) announce(NOT_COPIED)
      onClose()
    },
  }
}

const NOT_COPIED = 'The key was not copied. If nobody has it, rotate it.'

function withoutSecret({ key: _secret, ...key }: NewKey): Key {
  return key
}

const scopesIn = (keys: readonly Key[]) => [...new Set(keys.flatMap(({ scopes }) => scopes))].sort()

/** A label of up to 255 characters, for a title. */
const short = (label: string) => (label.length > 40 ? `${label.slice(0, 39)}…` : label)
