// The table of commands: what each needs, which flags go with it, and what carries it out.

import { userInfo } from 'node:os'
import { createApiKeys } from '../composition.js'
import { leakRule, type Scanner } from '../leaks.js'
import type { Context } from './context.js'
import { ANSWER_MS, openDatabase } from './database.js'
import { doctor } from './doctor.js'
import * as erasing from './erase-commands.js'
import { events, eventsOf } from './event-commands.js'
import { type Flag, type Flags, formatOptions, peppers, UsageError } from './flags.js'
import { importKeys } from './import-command.js'
import * as keys from './key-commands.js'
import { count } from './output.js'
import { redisOf, throughRedis } from './redis.js'
import type { Terminal } from './terminal.js'
import { limitsOf, topUp } from './top-up-command.js'

export interface Command {
  readonly flags: readonly Flag[]
  /** Whether one more word follows the name. */
  readonly takesOperand?: boolean
  run(flags: Flags, operand: string | undefined, terminal: Terminal): Promise<void>
}

const everywhere: readonly Flag[] = [
  'db',
  'database-url',
  'schema',
  'redis',
  'redis-prefix',
  'prefix',
  'environments',
  'pepper-file',
  'actor',
  'json',
]

const conditions: readonly Flag[] = [
  'environment',
  'status',
  'owner',
  'parent',
  'created-by',
  'expires-within',
  'unused',
  'search',
  'sort',
  'order',
]

const chosen: readonly Flag[] = ['scope', 'allow-ip', 'expires', 'metadata', 'owner']

const onDatabase = (
  flags: readonly Flag[],
  carryOut: (context: Context) => Promise<void>,
  { takesOperand = false, create = false, hasEvents = true } = {},
): Command => ({
  flags: [...everywhere, ...flags],
  takesOperand,
  async run(flags, operand, terminal) {
    const redis = redisOf(flags, terminal)
    const database = await openDatabase(flags, terminal, create)
    // Nobody has cached a key of a database that is only being made.
    const cached = create || redis === undefined ? undefined : throughRedis(database.store, redis)
    try {
      const apiKeys = createApiKeys<string, string>({
        ...formatOptions(flags, terminal),
        pepper: peppers(flags, terminal),
        store: cached?.store ?? database.store,
        retention: erasing.retentionOf(flags),
        events: hasEvents ? await eventsOf(database.store) : undefined,
        limits: limitsOf({ flags, database }),
        storeTimeoutMs: ANSWER_MS,
        // The limit guards against tenants; the person who runs this owns the database.
        maxKeysPerProject: Number.MAX_SAFE_INTEGER,
      })
      await carryOut({ flags, operand, database, apiKeys, actor: flags.actor ?? actor(), terminal })
    } finally {
      await cached?.close()
      await database.close()
    }
  },
})

export const commands: Readonly<Record<string, Command>> = {
  migrate: onDatabase(['cache'], migrate, { create: true }),
  'keys list': onDatabase(['project', ...conditions, 'limit', 'cursor', 'all'], keys.list),
  'keys create': onDatabase(['project', 'environment', 'label', 'created-by', ...chosen], keys.create),
  'keys create-child': onDatabase(['label', 'acting-for', 'rate', 'budget', ...chosen], keys.createChild, {
    takesOperand: true,
  }),
  'keys update': onDatabase(['label', ...chosen, 'if-version'], keys.update, { takesOperand: true }),
  'keys top-up': onDatabase(['amount', 'credits', 'refill', 'shared-by', 'limits-table'], topUp, {
    takesOperand: true,
  }),
  'keys rotate': onDatabase(['grace', 'expires', 'if-version'], keys.rotate, { takesOperand: true }),
  'keys show': onDatabase([], keys.show, { takesOperand: true }),
  'keys verify': onDatabase([], keys.verify, { takesOperand: true }),
  'keys disable': onDatabase(['if-version'], keys.disable, { takesOperand: true }),
  'keys enable': onDatabase(['if-version'], keys.enable, { takesOperand: true }),
  'keys revoke': onDatabase(['if-version'], keys.revoke, { takesOperand: true }),
  'keys erase': onDatabase(['project', 'owner', 'created-by', 'yes', 'if-version'], erasing.erase, {
    takesOperand: true,
  }),
  'keys history': onDatabase([], keys.history, { takesOperand: true }),
  stale: onDatabase(['project', 'age', 'unused', 'check'], keys.stale),
  // How long events are kept is for the app to say.
  sweep: onDatabase(['history', 'uses'], erasing.sweep, { hasEvents: false }),
  events: onDatabase(['project', 'order', 'limit', 'cursor'], events),
  import: onDatabase(['project', 'environment', 'label'], importKeys, { takesOperand: true }),
  doctor: {
    flags: ['db', 'database-url', 'schema', 'redis', 'redis-prefix', 'pepper-file', 'json'],
    run: (flags, _, terminal) => doctor(flags, terminal),
  },
  leaks: {
    flags: ['prefix', 'environments', 'json'],
    takesOperand: true,
    async run(flags, scanner, terminal) {
      if (scanner === undefined) throw new UsageError('for which scanner? gitleaks or trufflehog')
      const rule = leakRule(scanner as Scanner, formatOptions(flags, terminal))
      if (flags.json) terminal.printJson({ scanner, rule })
      else terminal.print(rule.trimEnd())
    },
  },
}

/** Words that people try first, for the commands that do it. */
export const aliases: Readonly<Record<string, string>> = {
  'keys issue': 'keys create',
  'keys issue-child': 'keys create-child',
  'keys delete': 'keys erase',
}

async function migrate({ flags, database, apiKeys, terminal }: Context): Promise<void> {
  const projects = await database.projects()
  const found = (await apiKeys.list({ limit: 1, total: true })).total ?? 0
  const summary = { database: database.name, projects: projects.length, keys: found }
  if (flags.json) terminal.printJson(summary)
  else
    terminal.note(
      `${database.name} is ready: ${count(found, 'key')} of ${count(projects.length, 'project')}.`,
    )
}

function actor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A container may run under a number that has no name.
    return 'cli'
  }
}
