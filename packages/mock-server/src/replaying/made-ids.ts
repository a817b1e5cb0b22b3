// The ids that an exchange has made, and where its answer shows them: another run makes others.

import { isObject, segmentsOf } from '../engine/json.js'
import type { Heard } from '../learning/learn.js'
import { leavesOf } from '../learning/members.js'

export interface MadeId {
  readonly value: string
  /** As a program reads it: `["data"]["id"]`. */
  readonly path: string
  readonly segments: readonly string[]
}

export const isPassing = (status: number): boolean => status >= 200 && status < 300

export function madeIdsOf({ observed, body }: Heard): readonly MadeId[] {
  if (!isObject(body)) return []
  return observed.flatMap(({ id, isNew }) => {
    if (!isNew) return []
    const [pointer] = [...leavesOf(body)].find(([, leaf]) => leaf === id) ?? []
    if (pointer === undefined) return []
    const segments = segmentsOf(pointer)
    return [
      { value: String(id), path: segments.map((name) => `[${JSON.stringify(name)}]`).join(''), segments },
    ]
  })
}

/** Whether a value may stand for an id: a short one only where a name says so. */
export const mayBeId = (value: string | number, name: string): boolean =>
  String(value).length >= 6 || /(^|[_-])(id|key|ref|uuid|sid)$|(Id|Key|Ref|Uuid|ID)$/.test(name)
