// Flags as Prism 5 spells them, for those who come from it: each is read as one of ours, or answered with what to use here.

import { UsageError } from './usage-error.js'

export interface PrismFlag {
  /** As Prism's help names it. */
  readonly name: string
  readonly short?: string
  readonly type: 'boolean' | 'string'
  /** What it means here, for people. */
  readonly here: string
  /** `same` is a flag of ours, `none` changes nothing, `refused` is an error with `here`; else the flags it stands for. */
  readonly as: 'same' | 'none' | 'refused' | ((value: string) => readonly string[])
}

const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']
const QUIET_LEVELS = LEVELS.slice(0, LEVELS.indexOf('info'))

function levelFrom(value: string): readonly string[] {
  if (!LEVELS.includes(value)) throw new UsageError(`--verboseLevel must be one of ${LEVELS.join(', ')}`)
  return QUIET_LEVELS.includes(value) ? ['--quiet'] : []
}

export const PRISM_FLAGS: readonly PrismFlag[] = [
  { name: 'port', short: 'p', type: 'string', as: 'same', here: '`--port`, `-p`; 0 takes any free port' },
  { name: 'host', short: 'h', type: 'string', as: 'same', here: '`--host`, `-h`' },
  {
    ...{ name: 'cors', type: 'boolean', as: 'same' },
    here: '`--cors` for pages of every origin; without it, pages of this machine may call; `--no-cors` lets none',
  },
  { name: 'dynamic', short: 'd', type: 'boolean', as: 'same', here: '`--dynamic`, `-d`' },
  { name: 'seed', type: 'string', as: 'same', here: '`--seed`: other samples, but always the same' },
  {
    ...{ name: 'errors', type: 'boolean', as: 'same' },
    here: '`--errors`: with `proxy` as in Prism; a mock refuses wrong requests anyway (`--requests strict`)',
  },
  {
    ...{ name: 'validate-request', type: 'boolean', as: 'same' },
    here: '`--validate-request`; also `--requests strict`, `warn` or `off`',
  },
  {
    ...{ name: 'verboseLevel', short: 'v', type: 'string', as: levelFrom },
    here: '`--quiet` for `silent`, `fatal`, `error` and `warn`; the other levels change nothing',
  },
  {
    ...{ name: 'multiprocess', short: 'm', type: 'boolean', as: 'none' },
    here: 'changes nothing: one process serves',
  },
  {
    ...{ name: 'json-schema-faker-fillProperties', type: 'boolean', as: 'none' },
    here: 'changes nothing: samples have only members that the document names',
  },
  {
    ...{ name: 'ignoreExamples', type: 'boolean', as: 'refused' },
    here: 'use `--dynamic`, which answers with generated values; `--seed` chooses other samples',
  },
  {
    ...{ name: 'upstream-proxy', type: 'string', as: 'refused' },
    here: 'give `proxy` an address that it can reach without an HTTP proxy',
  },
]

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Names are taken in either spelling, as Prism takes them: `--verboseLevel`, `--verbose-level`. */
const flagOf = (typed: string): PrismFlag | undefined =>
  PRISM_FLAGS.find(({ name, short }) => kebab(name) === kebab(typed) || short === typed)

/** What was typed, with the flags that only Prism has as ours. @throws UsageError for one that cannot be read here. */
export function withoutPrism(typed: readonly string[]): readonly string[] {
  const own: string[] = []
  for (let at = 0; at < typed.length; ) {
    const [read, taken] = readFlag(typed[at] ?? '', typed[at + 1])
    own.push(...read)
    at += taken
  }
  return own
}

/** What an argument says in our words, and how many arguments that took, with its value. */
function readFlag(argument: string, next: string | undefined): readonly [readonly string[], 1 | 2] {
  const [, no, long, short] = /^(?:--(no-)?([\w-]+)|-(\w))(?==|$)/.exec(argument) ?? []
  const flag = flagOf(long ?? short ?? '')
  if (flag === undefined) return [[argument], 1]
  if (flag.as === 'same') return [[long === undefined ? argument : argument.replace(long, flag.name)], 1]
  const [, ...inside] = argument.split('=')
  const isAnswer = next === 'true' || next === 'false'
  const takesNext = inside.length === 0 && no === undefined && (flag.type === 'string' || isAnswer)
  const value = takesNext ? (next ?? '') : inside.join('=')
  return [ownFlags(flag, no === undefined ? value : 'false'), takesNext ? 2 : 1]
}

function ownFlags({ name, as, here }: PrismFlag, value: string): readonly string[] {
  if (typeof as === 'function') return as(value)
  if (as === 'refused' && value !== 'false')
    throw new UsageError(`--${name} is of Prism: here, ${here.replaceAll('`', '')}`)
  return []
}
