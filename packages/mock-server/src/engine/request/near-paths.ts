// The operation that a client may have meant whose request is for none.

import { didYouMean } from '@gosend/options'
import type { Operation } from '../document/operation.js'

/** Longer paths are no slips of the finger. */
const MAX_LENGTH = 200

/** `; did you mean GET /pets/7?`, or the base path that has been left out; empty where nothing is near. */
export function nearPath(method: string, path: string, operations: readonly Operation[]): string {
  if (path.length > MAX_LENGTH) return ''
  const given = path.split('/')
  const candidates = new Map<string, boolean>()
  for (const { path: template, basePaths, method: own } of operations) {
    const base = basePaths.find((one) => one !== '')
    const isBare = base !== undefined && differences(template, given) === 0
    if (isBare) return `; did you forget the base path ${base}, as in ${base}${path}?`
    for (const whole of new Set([template, ...basePaths.map((one) => one + template)])) {
      // Of a thousand paths, few are left to be compared letter by letter.
      if (differences(whole, given) !== 1) continue
      const meant = filled(whole, given)
      candidates.set(meant, candidates.get(meant) === true || own === method)
    }
  }
  const same = [...candidates].filter(([, isSame]) => isSame).map(([whole]) => whole)
  return didYouMean(path, same) || didYouMean(path, candidates.keys())
}

/** In how many segments a path differs from a template; in all of them where it has another number of them. */
function differences(template: string, given: readonly string[]): number {
  const segments = template.split('/')
  if (segments.length !== given.length) return segments.length
  return segments.filter((one, i) => one !== given[i] && !one.includes('{')).length
}

/** A template with the client's own segments in place of its parameters. */
const filled = (template: string, given: readonly string[]): string =>
  template
    .split('/')
    .map((segment, i) => (segment.includes('{') ? (given[i] ?? segment) : segment))
    .join('/')
