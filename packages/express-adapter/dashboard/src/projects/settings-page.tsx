// A project's name and webhook address, and whether its keys work at all.

import { Confirm, dateOf, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { answer, api, type Project, type Session } from '../api.js'
import { announce } from '../ui/toast.js'
import { type ProjectDraft, ProjectFields, projectProblems } from './project-fields.js'

export interface SettingsPageProps {
  readonly project: Project
  readonly session: Session
  readonly onChange: (project: Project) => void
}

export function SettingsPage({ project, session, onChange }: SettingsPageProps) {
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
    if (Object.keys(projectProblems(draft)).length > 0) return
    return run(async () => {
      const body = { name: draft.name.trim(), webhookUrl: draft.webhookUrl.trim() || null }
      onChange(await answer(api.PATCH('/projects/{projectId}', { params, body })))
      announce('Saved.')
    })
  }
  const setStatus = async (status: Project['status']) => {
    onChange(await answer(api.PATCH('/projects/{projectId}', { params, body: { status } })))
    announce(status === 'suspended' ? 'The project is suspended.' : 'The project is active again.')
  }

  return (
    <>
      <header class="page-head">
        <div>
          <h1>Settings</h1>
          <p class="lead">
            Project <code>{project.id}</code>, created on {dateOf(project.createdAt)}.
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
              Save
            </button>
          </div>
        )}
      </form>
      {session.managesAll && !session.readOnly && (
        <section class="card form" aria-labelledby="status-title">
          <h2 id="status-title">{isSuspended ? 'This project is suspended' : 'Suspend this project'}</h2>
          <p>
            {isSuspended
              ? 'None of its keys work. They work again as soon as you resume it.'
              : 'All of its keys stop working until you resume it. Nothing is deleted.'}
          </p>
          <div>
            {isSuspended ? (
              <button
                type="button"
                class="button"
                disabled={isBusy}
                onClick={() => run(() => setStatus('active'))}
              >
                Resume project
              </button>
            ) : (
              <button type="button" class="button danger-text" onClick={() => setAsked(true)}>
                Suspend project
              </button>
            )}
          </div>
        </section>
      )}
      {isAsked && (
        <Confirm
          title={`Suspend “${project.name}”?`}
          action="Suspend project"
          onConfirm={() => setStatus('suspended')}
          onClose={() => setAsked(false)}
        >
          <p>
            <strong>Every key of this project stops working</strong> until you resume it: requests are refused
            with 401.
          </p>
        </Confirm>
      )}
    </>
  )
}
