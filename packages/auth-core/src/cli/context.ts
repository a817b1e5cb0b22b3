// What a command that works on a database is given.

import type { ApiKeys } from '../api-keys.js'
import type { OpenDatabase } from './database.js'
import type { Flags } from './flags.js'
import type { Terminal } from './terminal.js'

export interface Context {
  readonly flags: Flags
  readonly operand: string | undefined
  readonly database: OpenDatabase
  readonly apiKeys: ApiKeys
  readonly actor: string
  readonly terminal: Terminal
}
