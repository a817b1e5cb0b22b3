// The fields of a project, for a new one and for its settings.

import { settings } from '../settings.js'
import { Field } from '../ui/field.js'

export interface ProjectDraft {
  readonly name: string
  readonly webhookUrl: string
}

export type ProjectProblems = Partial<Record<keyof ProjectDraft, string>>

export function projectProblems({ name, webhookUrl }: ProjectDraft): ProjectProblems {
  const address = webhookUrl.trim()
  const isAddress = address === '' || (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol))
  return {
    ...(name.trim() === '' && { name: 'A project needs a name.' }),
    ...(!isAddress && { webhookUrl: 'This is no http or https address.' }),
  }
}

export interface ProjectFieldsProps {
  readonly draft: ProjectDraft
  readonly onChange: (draft: ProjectDraft) => void
  /** Whether to say what is missing already. */
  readonly isTried?: boolean
}

export function ProjectFields({ draft, onChange, isTried = true }: ProjectFieldsProps) {
  const problems = projectProblems(draft)
  return (
    <>
      <Field label="Name" problem={isTried ? problems.name : undefined}>
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
        <Field
          label="Webhook URL"
          hint="Where events of this project are sent. Leave empty for none."
          problem={problems.webhookUrl}
        >
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
