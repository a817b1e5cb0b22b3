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
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { answer, inFull, type Key, type NewKey } from '../client.js'
import { useTranslate, withElements } from '../locale.js'
import { Field } from '../ui/field.js'
import { EnvironmentBadge } from './badges.js'
import { attributesOf, changesOf, draftOf, emptyDraft, expiries, expiryOf } from './draft.js'
import { useKeysHost } from './host.js'
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
  const t = useTranslate()
  const { api } = useKeysHost()
  const { issued, show, close, panel, onHeld } = useNewKey(onClose)
  return (
    <Dialog title={t(issued === undefined ? 'create' : 'newTitle')} onClose={close} onHeld={onHeld}>
      {issued === undefined ? (
        <KeyForm
          initial={emptyDraft(environments[0] ?? '')}
          environments={environments}
          knownScopes={scopesIn(keys)}
          action={t('create')}
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
  const t = useTranslate()
  const { api, announce } = useKeysHost()
  return (
    <Dialog title={t('editTitle')} onClose={onClose}>
      <KeyForm
        initial={draftOf(target)}
        target={target}
        knownScopes={scopesIn(keys)}
        action={t('save')}
        onSubmit={async (draft) => {
          const params = { path: { projectId, keyId: target.id } }
          const body = changesOf(draft, target, now)
          onChange([await answer(api.PATCH('/projects/{projectId}/keys/{keyId}', { params, body }))])
          announce(t('saved'))
          onClose()
        }}
      />
    </Dialog>
  )
}

const HOUR_MS = 3_600_000
const newExpiries = expiries.filter((value) => value !== 'date')
// By their hours.
const gracePeriods = ['0', '1', '24', '168'] as const
type GracePeriod = (typeof gracePeriods)[number]

function RotateDialog({ target, projectId, onChange, onClose }: TargetProps) {
  const now = useNow()
  const { api } = useKeysHost()
  const [isExpired] = useState(statusOf(target, now) === 'expired')
  const [gracePeriod, setGracePeriod] = useState<GracePeriod>('0')
  const [expiry, setExpiry] = useState<string>('never')
  const t = useTranslate()
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
      title={issued === undefined ? t('rotateTitle', { label: short(target.label) }) : t('newTitleRotated')}
      onClose={close}
      onHeld={onHeld}
    >
      {issued !== undefined ? (
        <NewKeyPanel issued={issued} {...panel} />
      ) : (
        <div class="form">
          <Target target={target} />
          <p>
            {t('rotateText')}{' '}
            {isExpired ? (
              t('rotateExpired')
            ) : (
              <strong>{t(gracePeriod === '0' ? 'rotateAtOnce' : 'rotateLater')}</strong>
            )}{' '}
            {t('refused')}
          </p>
          <RotateChoice {...{ isExpired, expiry, gracePeriod, setExpiry, setGracePeriod }} />
          {problem !== undefined && <Problem text={problem} />}
          <footer class="dialog-foot">
            <button type="button" class="button" autofocus onClick={closeDialog}>
              {t('cancel')}
            </button>
            <button type="button" class="button primary" disabled={isBusy} onClick={rotate}>
              {t('action.rotate')}
            </button>
          </footer>
        </div>
      )}
    </Dialog>
  )
}

interface RotateChoiceProps {
  readonly isExpired: boolean
  readonly expiry: string
  readonly gracePeriod: GracePeriod
  readonly setExpiry: (expiry: string) => void
  readonly setGracePeriod: (gracePeriod: GracePeriod) => void
}

function RotateChoice(props: RotateChoiceProps) {
  const { isExpired, expiry, gracePeriod, setExpiry, setGracePeriod } = props
  const t = useTranslate()
  if (isExpired) {
    const options = newExpiries.map((value) => [value as string, t(`expiry.${value}`)] as const)
    return (
      <Field label={t('rotateNewExpires')}>
        {(control) => <Choice {...control} value={expiry} options={options} onChange={setExpiry} />}
      </Field>
    )
  }
  const options = gracePeriods.map((hours) => [hours, t(`grace.${hours}`)] as const)
  return (
    <Field label={t('rotateOldStops')}>
      {(control) => <Choice {...control} value={gracePeriod} options={options} onChange={setGracePeriod} />}
    </Field>
  )
}

function RevokeDialog(props: TargetProps) {
  const t = useTranslate()
  return (
    <StatusDialog {...props} action="revoke">
      <p>
        <strong>{t('revokeWarning')}</strong> {t('revokeText')}
      </p>
    </StatusDialog>
  )
}

function DisableDialog(props: TargetProps) {
  const t = useTranslate()
  return (
    <StatusDialog {...props} action="disable">
      <p>
        <strong>{t('disableWarning')}</strong> {t('disableText')}{' '}
        {props.target.rotatedFrom !== null && t('disableFollows')}
      </p>
    </StatusDialog>
  )
}

function EnableDialog(props: TargetProps) {
  const t = useTranslate()
  return (
    <StatusDialog {...props} action="enable">
      <p>{t('enableText')}</p>
    </StatusDialog>
  )
}

interface StatusDialogProps extends TargetProps {
  readonly action: 'revoke' | 'disable' | 'enable'
  readonly children: ComponentChildren
}

/** Asks before a change that takes no more than an answer. */
function StatusDialog({ target, projectId, action, onChange, onClose, children }: StatusDialogProps) {
  const t = useTranslate()
  const { api, announce } = useKeysHost()
  const label = short(target.label)
  const confirm = async () => {
    const params = { path: { projectId, keyId: target.id } }
    onChange([await answer(api.POST(`/projects/{projectId}/keys/{keyId}/${action}`, { params }))])
    announce(t(`${action}d`, { label }))
  }
  return (
    <Confirm
      title={t(`${action}Title`, { label })}
      action={t(`action.${action}`)}
      isHarmless={action === 'enable'}
      onConfirm={confirm}
      onClose={onClose}
    >
      <Target target={target} />
      {children}
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
  const t = useTranslate()
  return (
    <div class="target">
      <p class="target-label">{target.label}</p>
      <p>
        <code>{target.hint}</code> <EnvironmentBadge name={target.environment} />
      </p>
      <p class="hint">
        {target.lastUsedAt === null
          ? t('usedNever')
          : withElements(t('usedLast'), { when: <Ago at={target.lastUsedAt} /> })}
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
  const { announce, ownsHistory } = useKeysHost()
  const t = useTranslate()
  useHold(isHeld, ownsHistory ? warn : undefined)
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
      else announce(t('notCopied'))
    },
    onHeld: isHeld ? warn : undefined,
    panel: {
      isWarned: isWarned && isHeld,
      onHeld: isHeld ? warn : undefined,
      onCopied: () => setCopied(true),
    },
    close() {
      setIssued(undefined)
      if (issued !== undefined && !isCopied) announce(t('notCopied'))
      onClose()
    },
  }
}

function withoutSecret({ key: _secret, ...key }: NewKey): Key {
  return key
}

const scopesIn = (keys: readonly Key[]) => [...new Set(keys.flatMap(({ scopes }) => scopes))].sort()

/** A label of up to 255 characters, for a title. */
const short = (label: string) => (label.length > 40 ? `${label.slice(0, 39)}…` : label)
