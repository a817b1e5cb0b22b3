// The fields of a project, for a new one and for its settings.

import { type DashboardTranslate, useTexts } from '../locale.js'
import { settings } from '../settings.js'
import { Field } from '../ui/field.js'

export interface ProjectDraft {
  readonly name: string
  readonly webhookUrl: string
}

export type ProjectProblems = Partial<Record<keyof ProjectDraft, string>>

export function projectProblems({ name, webhookUrl }: ProjectDraft, t: DashboardTranslate): ProjectProblems {
  const address = webhookUrl.trim()
  const isAddress = address === '' || (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol))
  return {
    ...(name.trim() === '' && { name: t('projectNameMissing') }),
    ...(!isAddress && { webhookUrl: t('webhookUrlWrong') }),
  }
}

export interface ProjectFieldsProps {
  readonly draft: ProjectDraft
  readonly onChange: (draft: ProjectDraft) => void
  /** Whether to say what is missing already. */
  readonly isTried?: boolean
}

export function ProjectFields({ draft, onChange, isTried = true }: ProjectFieldsProps) {
  const t = useTexts()
  const problems = projectProblems(draft, t)
  return (
    <>
      <Field label={t('projectName')} problem={isTried ? problems.name : undefined}>
        {(control) => (
          <input
            {...control}
            class="input"
            name="name"
            maxLength={255}
            autocomplete="off"
            value={draft.name}
            onInput={({ currentTarget }) => onChange({ ...draft, name: currentTarget.value })}
          />
        )}
      </Field>
      {settings.features.webhooks && (
        <Field label={t('webhookUrl')} hint={t('webhookUrlHint')} problem={problems.webhookUrl}>
          {(control) => (
            <input
              {...control}
              class="input"
              type="url"
              name="webhookUrl"
              placeholder="https://example.com/webhooks"
              autocomplete="off"
              spellcheck={false}
              value={draft.webhookUrl}
              onInput={({ currentTarget }) => onChange({ ...draft, webhookUrl: currentTarget.value })}
            />
          )}
        </Field>
      )}
    </>
  )
}
