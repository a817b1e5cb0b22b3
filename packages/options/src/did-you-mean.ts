// Spelling suggestions: which known name was meant by an unknown one.

import { closestMatch } from 'leven'

/** `; did you mean scopes?` when a known name is close to the given one, otherwise an empty string. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const byPlainName = new Map([...known].map((candidate) => [plain(candidate), candidate]))
  const candidates = [...byPlainName.keys()]
  const given = plain(name)
  const maxDistance = Math.floor(given.length / 3)
  const closest =
    closestMatch(given, candidates, { maxDistance }) ??
    candidates.find((candidate) => sorted(candidate) === sorted(given)) ??
    onlyLongerForm(given, candidates)
  return closest === undefined ? '' : `; did you mean ${byPlainName.get(closest)}?`
}

// `expires_at`, `EXPIRES-AT` and `expiresAt` are the same name to the person who types it.
const plain = (name: string) => name.toLowerCase().replace(/[_-]/g, '')

// Letters in another order are counted as two changes, which is much in a short name.
const sorted = (name: string) => [...name].sort().join('')

/** `meta` for `metadata`, unless more than one name begins with it. */
function onlyLongerForm(given: string, candidates: readonly string[]): string | undefined {
  const longer = given.length < 3 ? [] : candidates.filter((candidate) => candidate.startsWith(given))
  return longer.length === 1 ? longer[0] : undefined
}
