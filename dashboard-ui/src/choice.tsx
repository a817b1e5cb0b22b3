// One of a few values, in the browser's own list.

export interface ChoiceProps<Value extends string> {
  readonly value: Value
  /** Each value with its name, in the order of the list. */
  readonly options: readonly (readonly [value: Value, name: string])[]
  readonly onChange: (value: Value) => void
  /** What it is called where no label says so. */
  readonly 'aria-label'?: string
  readonly 'aria-describedby'?: string
  readonly 'aria-invalid'?: boolean
  readonly id?: string
  readonly name?: string
}

export function Choice<Value extends string>({ options, onChange, ...attributes }: ChoiceProps<Value>) {
  return (
    <select
      {...attributes}
      class="input"
      onChange={({ currentTarget }) => onChange(currentTarget.value as Value)}
    >
      {options.map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </select>
  )
}

/** Of a table of names, or of values that are their own names. */
export const optionsOf = <Value extends string>(
  values: Readonly<Record<Value, string>> | readonly Value[],
): readonly (readonly [Value, string])[] =>
  Array.isArray(values)
    ? values.map((value: Value) => [value, value])
    : (Object.entries(values) as [Value, string][])
