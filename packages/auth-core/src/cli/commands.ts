// The table of commands: what each needs, which flags go with it, and what carries it out.

import { userInfo } from 'node:os'
import { type ApiKeys, createApiKeys } from '../api-keys.js'
import { leakRule, type Scanner } from '../leaks.js'
import { type OpenDatabase, openDatabase } from './database.js'
import { environmentTable, type Flag, type Flags, peppers, UsageError } from './flags.js'
import * as keys from './key-commands.js'
import { count, note, print, printJson } from './output.js'

/** What a command that works on a database is given. */
export interface Context {
  readonly flags: Flags
  readonly operand: string | undefined
  readonly database: OpenDatabase
  readonly apiKeys: ApiKeys
  readonly actor: string
}

export interface Command {
  readonly flags: readonly Flag[]
  /** Whether one more word follows the name. */
  readonly takesOperand?: boolean
  run(flags: Flags, operand: string | undefined): Promise<void>
}

const everywhere: readonly Flag[] = [
  'db',
  'database-url',
  'prefix',
  'environments',
  'pepper-file',
  'actor',
  'json',
]

const onDatabase = (
  flags: readonly Flag[],
  carryOut: (context: Context) => Promise<void>,
  { takesOperand = false, create = false } = {},
): Command => ({
  flags: [...everywhere, ...flags],
  takesOperand,
  async run(flags, operand) {
    const options = {
      prefix: flags.prefix,
      environments: environmentTable(flags.environments),
      pepper: peppers(flags),
    }
    const database = await openDatabase(flags, create)
    try {
      const apiKeys = createApiKeys<string>({ ...options, store: database.store })
      await carryOut({ flags, operand, database, apiKeys, actor: flags.actor ?? actor() })
    } finally {
      await database.close()
    }
  },
})

export const commands: Readonly<Record<string, Command>> = {
  migrate: onDatabase([], migrate, { create: true }),
  'keys list': onDatabase(['project', 'status'], keys.list),
  'keys create': onDatabase(['project', 'environment', 'label', 'scope', 'allow-ip', 'expires'], keys.create),
  'keys rotate': onDatabase(['grace', 'expires'], keys.rotate, { takesOperand: true }),
  'keys revoke': onDatabase([], keys.revoke, { takesOperand: true }),
  stale: onDatabase(['project', 'age', 'unused', 'check'], keys.stale),
  leaks: {
    flags: ['prefix', 'environments', 'json'],
    takesOperand: true,
    async run(flags, scanner) {
      if (scanner === undefined) throw new UsageError('for which scanner? gitleaks or trufflehog')
      const rule = leakRule(scanner as Scanner, {
        prefix: flags.prefix,
        environments: environmentTable(flags.environments),
      })
      if (flags.json) printJson({ scanner, rule })
      else print(rule.trimEnd())
    },
  },
}

async function migrate({ flags, database, apiKeys }: Context): Promise<void> {
  const projects = await database.projects()
  let found = 0
  for (const projectId of projects) found += (await apiKeys.list({ projectId })).length
  const summary = { database: database.name, projects: projects.length, keys: found }
  if (flags.json) printJson(summary)
  else note(`${database.name} is ready: ${count(found, 'key')} of ${count(projects.length, 'project')}.`)
}

function actor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A container may run under a number that has no name.
    return 'cli'
  }
}
