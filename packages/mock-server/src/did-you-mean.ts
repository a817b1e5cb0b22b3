import { closestMatch } from 'leven'

/** `; did you mean this?` when one of the known names is a slip or two away, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const byLowerCase = new Map([...known].map((candidate) => [candidate.toLowerCase(), candidate]))
  const maxDistance = Math.max(1, Math.floor(name.length / 3))
  const closest = closestMatch(name.toLowerCase(), [...byLowerCase.keys()], { maxDistance })
  return closest === undefined ? '' : `; did you mean ${byLowerCase.get(closest)}?`
}
