// The dialog behind `New project`.

import { closeDialog, Dialog, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { answer, api, type Project } from '../api.js'
import { useTexts } from '../locale.js'
import { type ProjectDraft, ProjectFields, projectProblems } from './project-fields.js'

export interface NewProjectDialogProps {
  readonly onCreate: (project: Project) => void
  readonly onClose: () => void
}

export function NewProjectDialog({ onCreate, onClose }: NewProjectDialogProps) {
  const t = useTexts()
  const [draft, setDraft] = useState<ProjectDraft>({ name: '', webhookUrl: '' })
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useAction()

  const create = (event: Event) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(projectProblems(draft, t)).length > 0) return
    return run(async () => {
      const body = { name: draft.name.trim(), webhookUrl: draft.webhookUrl.trim() || null }
      onCreate(await answer(api.POST('/projects', { body })))
      onClose()
    })
  }

  return (
    <Dialog title={t('projectNew')} onClose={onClose}>
      <form class="form" noValidate onSubmit={create}>
        <ProjectFields draft={draft} onChange={setDraft} isTried={isTried} />
        {problem !== undefined && <Problem text={problem} />}
        <footer class="dialog-foot">
          <button type="button" class="button" onClick={closeDialog}>
            {t('cancel')}
          </button>
          <button type="submit" class="button primary" disabled={isBusy}>
            {t('projectCreate')}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
