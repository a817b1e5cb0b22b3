// The few words that components say by themselves, and the language of dates. English, unless a page provides others.

import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { readersOwn } from './time.js'

export interface Words {
  /** A BCP 47 tag, for dates and times. */
  readonly language: string
  readonly close: string
  readonly cancel: string
  readonly retry: string
  readonly justNow: string
  readonly loading: string
  /** The server gave no answer. */
  readonly unreachable: string
  readonly loggedOut: string
  /** With `{status}` in it: the server gave an answer without a message. */
  readonly answered: string
  /** What the server said, in the page's language; undefined where there are no words for it. By default it is said as it is. */
  readonly failed?: (code: string, message: string) => string | undefined
  /** The page itself failed. */
  readonly broken: string
}

const english: Words = {
  language: readersOwn('en'),
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  justNow: 'just now',
  loading: 'Loading',
  unreachable: 'The server cannot be reached. Check your connection and try again.',
  loggedOut: 'You are not logged in. Log in and try again.',
  answered: 'The server answered {status}.',
  broken: 'Something went wrong in this page. Reload it.',
}

const Context = createContext(english)
export const WordsProvider = Context.Provider

export const useWords = (): Words => useContext(Context)
