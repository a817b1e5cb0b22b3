// Requests that start.ts has sent while the scripts of the page were on their way. The page takes each answer once, in place of a
// request of its own.

import { type Answer, fetchAnswer } from './client.js'

declare global {
  interface Window {
    /** By their addresses. */
    gosendStarted?: Map<string, Promise<Answer | undefined>>
  }
}

/** Sends a request, unless that has been done. */
export async function sendUnlessStarted(request: Request): Promise<Answer> {
  const { gosendStarted } = window
  const answer = request.method === 'GET' && (await gosendStarted?.get(request.url))
  gosendStarted?.delete(request.url)
  return answer || fetchAnswer(request)
}

/** Whoever signs in asks anew for what was refused before. */
export const forgetStarted = (): void => window.gosendStarted?.clear()
