// A project's name and webhook address, and whether its keys work at all.

import { Confirm, dateOf, Problem, useAction, useWords } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { answer, api, type Project, type Session } from '../api.js'
import { useTexts, withElements } from '../locale.js'
import { announce } from '../ui/toast.js'
import { type ProjectDraft, ProjectFields, projectProblems } from './project-fields.js'

export interface SettingsPageProps {
  readonly project: Project
  readonly session: Session
  readonly onChange: (project: Project) => void
}

export function SettingsPage({ project, session, onChange }: SettingsPageProps) {
  const t = useTexts()
  const { language } = useWords()
  const [draft, setDraft] = useState<ProjectDraft>({
    name: project.name,
    webhookUrl: project.webhookUrl ?? '',
  })
  const [isAsked, setAsked] = useState(false)
  const { isBusy, problem, run } = useAction()
  const params = { path: { projectId: project.id } }
  const isSuspended = project.status === 'suspended'

  const save = (event: Event) => {
    event.preventDefault()
    if (Object.keys(projectProblems(draft, t)).length > 0) return
    return run(async () => {
      const body = { name: draft.name.trim(), webhookUrl: draft.webhookUrl.trim() || null }
      onChange(await answer(api.PATCH('/projects/{projectId}', { params, body })))
      announce(t('saved'))
    })
  }
  const setStatus = async (status: Project['status']) => {
    onChange(await answer(api.PATCH('/projects/{projectId}', { params, body: { status } })))
    announce(t(status === 'suspended' ? 'isSuspended' : 'isActive'))
  }

  return (
    <>
      <header class="page-head">
        <div>
          <h1>{t('settings')}</h1>
          <p class="lead">
            {withElements(t('projectCreated', { date: dateOf(project.createdAt, language) }), {
              id: <code>{project.id}</code>,
            })}
          </p>
        </div>
      </header>
      <form class="card form" noValidate onSubmit={save}>
        <fieldset class="form plain-fields" disabled={session.readOnly}>
          <ProjectFields draft={draft} onChange={setDraft} />
        </fieldset>
        {problem !== undefined && <Problem text={problem} />}
        {!session.readOnly && (
          <div>
            <button type="submit" class="button primary" disabled={isBusy}>
              {t('save')}
            </button>
          </div>
        )}
      </form>
      {session.managesAll && !session.readOnly && (
        <section class="card form" aria-labelledby="status-title">
          <h2 id="status-title">{t(isSuspended ? 'suspendedTitle' : 'suspendTitle')}</h2>
          <p>{t(isSuspended ? 'suspendedText' : 'suspendText')}</p>
          <div>
            {isSuspended ? (
              <button
                type="button"
                class="button"
                disabled={isBusy}
                onClick={() => run(() => setStatus('active'))}
              >
                {t('resume')}
              </button>
            ) : (
              <button type="button" class="button danger-text" onClick={() => setAsked(true)}>
                {t('suspend')}
              </button>
            )}
          </div>
        </section>
      )}
      {isAsked && (
        <Confirm
          title={t('suspendAsk', { name: project.name })}
          action={t('suspend')}
          onConfirm={() => setStatus('suspended')}
          onClose={() => setAsked(false)}
        >
          <p>
            <strong>{t('suspendWarning')}</strong> {t('suspendUntil')}
          </p>
        </Confirm>
      )}
    </>
  )
}
