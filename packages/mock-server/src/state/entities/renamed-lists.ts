// Lists that answers call otherwise than requests, because they say more of what is in them: what is made with
// `signers: [{ name, email_address }]` shows `signatures: [{ signer_name, signer_email_address }]`.

import { hashText, isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { ID_ENDINGS, singular } from '../conventions/names.js'
import type { Form, Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'
import { createIdentifiers, type IdentifierParts } from './identifiers.js'

interface ListParts extends IdentifierParts {
  readonly forms: Forms
  readonly projection: Projection
}

/** A list that was sent, and the one that shows what is in it. */
interface Renamed {
  readonly rows: readonly JsonObject[]
  readonly member: Member
  readonly entries: Form
  /** The names that answers have for what an entry says. */
  readonly names: ReadonlyMap<string, string>
}

/** So many members that are called after the sent list's entries tell that another list shows them. */
const MIN_SHARED = 2

/** @param schema of the things, as answers show them. @returns what was sent, with such lists as answers call them. */
export function createRenamedLists(
  parts: ListParts,
  schema: Schema,
): (payload: JsonObject, seed: string) => JsonObject {
  const { forms } = parts
  return (payload, seed) => {
    let form: Form | undefined
    let found: readonly Renamed[] = NONE
    for (const name in payload) {
      const rows = payload[name]
      if (!isListOfObjects(rows)) continue
      form ??= forms.of(schema, payload)
      if (!isKnown(form, name)) found = [...found, ...pairsOf(parts, form, payload, { name, rows })]
    }
    const [only, ...others] = found
    if (only === undefined || others.length > 0) return payload
    const shown = only.rows.map((row, i) => entryOf(parts, only, row, `${seed}/${only.member.name}/${i}`))
    return { ...payload, [only.member.name]: shown }
  }
}

const NONE: readonly Renamed[] = []

const isListOfObjects = (value: unknown): value is readonly JsonObject[] =>
  Array.isArray(value) && value.length > 0 && value.every(isObject)

const isKnown = ({ byName }: Form, name: string): boolean => {
  const normalized = normalizeName(name)
  return byName.has(normalized) || byName.has(singular(normalized))
}

/** The lists of a thing that nobody sent and whose entries say, under longer names, what those of a sent list say. */
function pairsOf(
  { forms }: ListParts,
  form: Form,
  payload: JsonObject,
  { name, rows }: { readonly name: string; readonly rows: readonly JsonObject[] },
): readonly Renamed[] {
  const noun = singular(normalizeName(name))
  const own = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [...form.byName.values()].flatMap((member) => {
    const { isArray, items } = forms.of(member.schema)
    if (!isArray || payload[member.name] !== undefined) return []
    const entries = forms.of(items)
    const longer = own.flatMap((one) => {
      const shown = entries.byName.get(noun + normalizeName(one))
      return shown === undefined ? [] : [[one, shown.name] as const]
    })
    return longer.length < MIN_SHARED ? [] : [{ rows, member, entries, names: new Map(longer) }]
  })
}

/** An entry as answers show it: what was sent of it, an id of its own, and what every entry has. */
function entryOf(
  parts: ListParts,
  { member, entries, names }: Renamed,
  row: JsonObject,
  seed: string,
): JsonObject {
  const { forms, projection } = parts
  const sample = projection.sample(forms.of(member.schema).items, seed)
  const always = Object.entries(isObject(sample) ? sample : {}).filter(
    ([name]) => forms.types(entries.byName.get(normalizeName(name))?.schema ?? true)?.has('null') === false,
  )
  const told = Object.entries(row).map(([name, value]) => [names.get(name) ?? name, value] as const)
  const noun = singular(normalizeName(member.name))
  const id = ['id', ...ID_ENDINGS.map((ending) => noun + ending)].flatMap(
    (name) => entries.byName.get(name) ?? [],
  )[0]
  const drawn = id && createIdentifiers(parts, member.name, [], [id.schema]).draw(hashText(seed) % 1_000_000)
  return { ...Object.fromEntries([...always, ...told]), ...(id === undefined ? {} : { [id.name]: drawn }) }
}
