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
    const bare = filled(template, given)
    const base = basePaths.find((one) => one !== '')
    if (bare === path && base !== undefined)
      return `; did you forget the base path ${base}, as in ${base}${bare}?`
    for (const whole of [bare, ...basePaths.map((one) => filled(`${one}${template}`, given))])
      candidates.set(whole, candidates.get(whole) === true || own === method)
  }
  const same = [...candidates].filter(([, isSame]) => isSame).map(([whole]) => whole)
  return didYouMean(path, same) || didYouMean(path, candidates.keys())
}

/** A template with the client's own segments in place of its parameters. */
const filled = (template: string, given: readonly string[]): string =>
  template
    .split('/')
    .map((segment, i) => (segment.includes('{') ? (given[i] ?? segment) : segment))
    .join('/')
