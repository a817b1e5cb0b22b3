// What the list of keys and its dialogs need of the page they are in: the dashboard, or a page of the host's own.

import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Client } from '../client.js'
import { actionsOf, type KeyAction, type Status } from './status.js'

export interface KeysHost {
  readonly api: Client
  /** The environment variable in which clients keep their key. */
  readonly variable: string
  /** A route that needs a key, for the curl beside a new one; undefined leaves that out. */
  readonly endpoint: string | undefined
  /** Whether this person may see keys, and not change them. */
  readonly isReadOnly: boolean
  /** Whether the service counts what came of requests, and so knows where keys are used from. */
  readonly countsOutcomes: boolean
  /** Whether Back is kept from losing a new key. A page that has its own router keeps its history to itself. */
  readonly ownsHistory: boolean
  announce(message: string): void
}

const Context = createContext<KeysHost | undefined>(undefined)
export const KeysHostProvider = Context.Provider

export function useKeysHost(): KeysHost {
  const host = useContext(Context)
  if (host === undefined) throw new Error('KeysHostProvider is missing')
  return host
}

/** What this person can do with a key in this state. */
export function useActions(status: Status): readonly KeyAction[] {
  return useKeysHost().isReadOnly ? [] : actionsOf[status]
}
