// The field that narrows a list while people type.

import type { Ref } from 'preact'
import { Icon, icons } from './icon.js'

export interface SearchProps {
  /** For people who do not see the magnifying glass. */
  readonly label: string
  /** What can be searched for, shown while the field is empty. */
  readonly hint: string
  readonly value: string
  readonly onInput: (value: string) => void
  readonly field?: Ref<HTMLInputElement>
}

/** The page that shows it makes `/` focus it. */
export function Search({ label, hint, value, onInput, field = null }: SearchProps) {
  return (
    <label class="search">
      <span class="unseen">{label}</span>
      <Icon path={icons.search} />
      <input
        ref={field}
        class="input"
        type="search"
        placeholder={hint}
        aria-keyshortcuts="/"
        spellcheck={false}
        autocomplete="off"
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => {
          // The keys of the page count again. What is searched for stays.
          if (key === 'Escape') currentTarget.blur()
        }}
      />
    </label>
  )
}
