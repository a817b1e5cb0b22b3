// Chooses which of the responses that an operation documents is its answer.

import type { Operation, ResponseSpec } from '../document/operation.js'

/** What an answer is for: just to show one, or to tell that something was stored, or made. */
export type Purpose = 'sample' | 'store' | 'create'

interface Found {
  readonly status: number
  readonly response: ResponseSpec
}

/** The response for the status that somebody prefers, or for the success. */
export function chosenResponse(
  operation: Operation,
  code: number | undefined,
  purpose: Purpose,
): Found | undefined {
  if (code === undefined) return successOf(operation, purpose)
  const response = responseFor(operation.responses(), code)
  return response && { response, status: code }
}

const successes: Readonly<Record<Purpose, WeakMap<Operation, { readonly found: Found | undefined }>>> = {
  sample: new WeakMap(),
  store: new WeakMap(),
  create: new WeakMap(),
}

function successOf(operation: Operation, purpose: Purpose): Found | undefined {
  const known = successes[purpose].get(operation)
  if (known !== undefined) return known.found
  const found = findSuccess(operation, purpose)
  successes[purpose].set(operation, { found })
  return found
}

/** The lowest documented success, `201` first for a creation; else the default, a redirect, or what there is. */
function findSuccess(operation: Operation, purpose: Purpose): Found | undefined {
  const responses = operation.responses()
  const rank = ({ status }: ResponseSpec): number => {
    if (purpose === 'create' && status === '201') return 0
    if (/^2\d\d$/.test(status)) return Number(status)
    if (status === '2XX') return 300
    if (status === 'default') return 400
    if (/^3/.test(status)) return 500
    return /^1/.test(status) ? 700 : 600
  }
  const [best] = [...responses].sort((a, b) => rank(a) - rank(b))
  // An interim status is no answer; errors alone mean that there is no success, and the first one is the answer.
  if (best === undefined || /^1/.test(best.status)) return undefined
  // What was stored has succeeded, whatever the document forgot to say.
  if (purpose !== 'sample' && /^[45]/.test(best.status)) return undefined
  const { status } = best
  const ofClass = status === '3XX' ? 302 : /^[45]XX$/.test(status) ? Number(status.charAt(0)) * 100 : 200
  return { response: best, status: /^\d{3}$/.test(status) ? Number(status) : ofClass }
}

/** The response documented for a status: its own, then that of its class, then the default one. */
export function responseFor(responses: readonly ResponseSpec[], status: number): ResponseSpec | undefined {
  const find = (name: string) => responses.find((response) => response.status === name)
  return find(String(status)) ?? find(`${Math.floor(status / 100)}XX`) ?? find('default')
}
