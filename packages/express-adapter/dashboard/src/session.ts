// How the page comes to be let in: by the host app's own login, or by the admin key, traded once for a cookie that
// scripts cannot read.

import { answer, api, type Session } from './api.js'

const FRAGMENT = '#key='

/** Takes the admin key out of the address bar and of this tab's history, before anything else happens. */
export function takeKeyFromAddress(): string | undefined {
  if (!location.hash.startsWith(FRAGMENT)) return undefined
  const adminKey = decodeURIComponent(location.hash.slice(FRAGMENT.length))
  history.replaceState(null, '', location.pathname + location.search)
  return adminKey
}

export const signInWith = (adminKey: string): Promise<Session> =>
  answer(api.POST('/session', { headers: { 'X-Admin-Key': adminKey } }))

export const readSession = (): Promise<Session> => answer(api.GET('/session'))

/** Whether this person may ask whose any key is. */
export const mayCheck = ({ managesAll, readOnly }: Session): boolean => managesAll && !readOnly

export const signOut = async (): Promise<void> => {
  await answer(api.DELETE('/session'))
}
