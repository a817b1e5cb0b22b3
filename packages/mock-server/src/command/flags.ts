// The flags of the command, and how they are read from what was typed.

import { parseArgs } from 'node:util'
import { didYouMean } from '@gosend/options'
import { withoutPrism } from './prism.js'
import { UsageError } from './usage-error.js'

export const FLAGS = {
  spec: { type: 'string', short: 's' },
  mount: { type: 'string', multiple: true },
  overlay: { type: 'string', multiple: true },
  root: { type: 'string' },
  'allow-remote-refs': { type: 'boolean' },
  'allow-ref-host': { type: 'string', multiple: true },
  port: { type: 'string', short: 'p' },
  host: { type: 'string', short: 'h' },
  'allow-host': { type: 'string', multiple: true },
  'control-from': { type: 'string', multiple: true },
  timeout: { type: 'string' },
  db: { type: 'string' },
  env: { type: 'string' },
  'env-file': { type: 'string' },
  'key-test': { type: 'string' },
  'key-live': { type: 'string' },
  'admin-key': { type: 'string' },
  auth: { type: 'string' },
  requests: { type: 'string' },
  'fail-on-guess': { type: 'boolean' },
  scenario: { type: 'string', multiple: true },
  record: { type: 'string' },
  learned: { type: 'string' },
  'no-learned': { type: 'boolean' },
  out: { type: 'string' },
  har: { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
  writes: { type: 'boolean' },
  'record-bodies': { type: 'string' },
  'fail-on': { type: 'string' },
  fallback: { type: 'boolean' },
  'no-fallback': { type: 'boolean' },
  mocked: { type: 'string', multiple: true },
  'upstream-timeout': { type: 'string' },
  'upstream-ca': { type: 'string' },
  'validate-request': { type: 'boolean' },
  'no-validate-request': { type: 'boolean' },
  credential: { type: 'string', multiple: true },
  client: { type: 'string', multiple: true },
  'redirect-uri': { type: 'string', multiple: true },
  'rate-limits': { type: 'string' },
  webhook: { type: 'string', multiple: true },
  'webhook-secret': { type: 'string' },
  'allow-webhook-host': { type: 'string', multiple: true },
  'max-body': { type: 'string' },
  dynamic: { type: 'boolean', short: 'd' },
  seed: { type: 'string' },
  stateless: { type: 'boolean' },
  'seed-items': { type: 'string' },
  strict: { type: 'boolean' },
  errors: { type: 'boolean' },
  'seed-data': { type: 'string' },
  watch: { type: 'boolean' },
  https: { type: 'boolean' },
  cert: { type: 'string' },
  key: { type: 'string' },
  ca: { type: 'string' },
  cors: { type: 'boolean' },
  'no-cors': { type: 'boolean' },
  'cors-origin': { type: 'string', multiple: true },
  quiet: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const

export type Flags = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']

/** What was typed, as flags and other words. @throws UsageError for a flag that there is not, or without its value. */
export function readFlags(typed: readonly string[]): {
  readonly flags: Flags
  readonly words: readonly string[]
} {
  const args = [...plainArguments(typed)]
  const unknown = parseArgs({ args, options: FLAGS, strict: false, tokens: true }).tokens.find(
    (token) => token.kind === 'option' && !Object.hasOwn(FLAGS, token.name),
  )
  if (unknown?.kind === 'option') {
    const known = Object.keys(FLAGS).map((name) => `--${name}`)
    throw new UsageError(`unknown option ${unknown.rawName}${didYouMean(unknown.rawName, known)}`)
  }
  try {
    const { values: flags, positionals: words } = parseArgs({ args, options: FLAGS, allowPositionals: true })
    return { flags, words }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, ambiguous] = /^Option '(--?[\w-]+)' argument is ambiguous/.exec(message) ?? []
    if (ambiguous !== undefined)
      throw new UsageError(`${ambiguous} needs a value; for one that begins with a dash, write --FLAG=-VALUE`)
    throw new UsageError((message.split('.')[0] ?? message).replace(/^./, (letter) => letter.toLowerCase()))
  }
}

/** What was typed, with `--flag=true` as `--flag`, and without what `--flag=false` or `--no-flag` takes back. */
function plainArguments(typed: readonly string[]): readonly string[] {
  const plain: string[] = []
  for (const argument of joinedAnswers(withoutPrism(typed))) {
    const [, no, name = '', value] = /^--(no-)?([\w-]+?)(?:=(true|false))?$/.exec(argument) ?? []
    if (!isBoolean(name)) plain.push(argument)
    else {
      const opposite = `no-${name}`
      const isOn = (no === undefined) === (value !== 'false')
      const others = plain.filter((other) => other !== `--${name}` && other !== `--${opposite}`)
      const last = isOn ? [`--${name}`] : Object.hasOwn(FLAGS, opposite) ? [`--${opposite}`] : []
      plain.splice(0, plain.length, ...others, ...last)
    }
  }
  return plain
}

const isBoolean = (name: string): boolean =>
  Object.hasOwn(FLAGS, name) && FLAGS[name as keyof typeof FLAGS].type === 'boolean'

/** `--cors false`, in two words, as `--cors=false`. */
const joinedAnswers = (typed: readonly string[]): readonly string[] =>
  typed.flatMap((argument, at) => {
    const isAnswer = /^(true|false)$/.test(argument) && isBoolean(typed[at - 1]?.replace(/^--/, '') ?? '')
    const next = typed[at + 1] ?? ''
    if (isAnswer) return []
    const takesNext = /^--/.test(argument) && isBoolean(argument.slice(2)) && /^(true|false)$/.test(next)
    return [takesNext ? `${argument}=${next}` : argument]
  })
