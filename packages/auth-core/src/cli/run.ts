// From what was typed to a command, and from what went wrong to a line and an exit status.

import { readFileSync } from 'node:fs'
import { didYouMean } from '@gosend/options'
import { ApiKeysError, type ApiKeysErrorCode } from '../errors.js'
import { helpData, helpOf } from './command-help.js'
import { aliases, type Command, commands } from './commands.js'
import { checkVariables, type Flag, readArguments, UsageError } from './flags.js'
import { HELP } from './help.js'
import { plain } from './output.js'
import type { Terminal } from './terminal.js'

/** Runs the command that was typed. Resolves with the exit status of a command that failed, and 0 otherwise. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await run(args, terminal)
    return 0
  } catch (error) {
    terminal.note(`gosend-keys: ${plain(explain(error))}`)
    return exitStatusOf(error)
  }
}

async function run(args: readonly string[], terminal: Terminal): Promise<void> {
  const { values: flags, positionals } = readArguments(args)
  if (flags.version) return terminal.print(version())
  if (flags.help || args.length === 0) return terminal.print(helpFor(positionals))
  if (positionals[0] === 'help')
    return terminal.print(flags.json ? JSON.stringify(helpData(commands)) : helpFor(positionals.slice(1)))
  const { name, command, operand } = find(positionals)
  for (const flag of Object.keys(flags) as Flag[]) {
    if (!command.flags.includes(flag)) throw new UsageError(`--${flag} does not go with ${name}`)
  }
  checkVariables(terminal)
  await command.run(flags, operand, terminal)
}

function helpFor(words: readonly string[]): string {
  const found = named(words)
  return found === undefined ? HELP.trimEnd() : helpOf(found.name, found.command.flags)
}

function named(
  words: readonly string[],
): { name: string; command: Command; rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const typed = words.slice(0, length).join(' ')
    const name = Object.hasOwn(aliases, typed) ? (aliases[typed] ?? typed) : typed
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (command !== undefined) return { name, command, rest: words.slice(length) }
  }
  return undefined
}

function find(words: readonly string[]): { name: string; command: Command; operand: string | undefined } {
  const found = named(words)
  if (found !== undefined) {
    const { name, command } = found
    const [operand, ...rest] = found.rest
    if (rest.length > 0 || (operand !== undefined && !command.takesOperand)) {
      throw new UsageError(`${name}: too many words`)
    }
    return { name, command, operand }
  }
  const known = Object.keys(commands)
  if (words.length === 0) throw new UsageError(`which command? ${known.join(', ')}`)
  const meant = didYouMean(words.slice(0, 2).join(' '), known) || didYouMean(words[0] ?? '', known)
  throw new UsageError(`unknown command${meant || `; there is ${known.join(', ')}`}`)
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

const USAGE = 2
const NO_SUCH_KEY = 3
const NO_DATABASE = 4

const statusOfCode: Readonly<Partial<Record<ApiKeysErrorCode, number>>> = {
  invalid_argument: USAGE,
  not_found: NO_SUCH_KEY,
  conflict: NO_SUCH_KEY,
  version_mismatch: NO_SUCH_KEY,
  store_unavailable: NO_DATABASE,
  store_corrupt: NO_DATABASE,
}

function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof TypeError) return USAGE
  return error instanceof ApiKeysError ? (statusOfCode[error.code] ?? 1) : 1
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}; see gosend-keys --help`
  if (!(error instanceof Error)) return String(error)
  const { message, cause } = error
  return cause instanceof Error && !message.includes(cause.message) ? `${message}: ${cause.message}` : message
}
