// How the page comes to be let in: by the host app's own login, or by the admin key, traded once for a cookie that
// scripts cannot read.

import { answer, api, type Session } from './api.js'
import { getSession, postSession } from './first-calls.js'
import { forgetStarted } from './started.js'

export const signInWith = (adminKey: string): Promise<Session> =>
  answer(postSession(api, adminKey)).finally(forgetStarted)

export const readSession = (): Promise<Session> => answer(getSession(api))

/** Whether this person may ask whose any key is. */
export const mayCheck = ({ managesAll, readOnly }: Session): boolean => managesAll && !readOnly

export const signOut = async (): Promise<void> => {
  await answer(api.DELETE('/session'))
}
