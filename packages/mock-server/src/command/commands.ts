// What was typed, as the command to run and what it is given.

import { existsSync } from 'node:fs'
import { didYouMean } from '@gosend/options'
import { shownAddress } from '../engine/document/resources.js'
import { isUpstream } from '../proxy/options.js'
import { type Flags, readFlags } from './flags.js'
import { UsageError } from './usage-error.js'

export interface Typed {
  readonly flags: Flags
  /** What to do; without a word of its own it is to serve. */
  readonly command: 'serve' | 'keygen' | 'explain' | 'mcp' | 'help' | 'wait' | 'learn' | 'test' | 'parity'
  /** The real API to forward to. */
  readonly upstream?: string | undefined
  /** What to explain. */
  readonly file: string | undefined
  /** What to serve; GoSendAPI where there is none. */
  readonly documents: readonly { readonly spec: string; readonly mount?: string }[]
  /** What to learn from. */
  readonly recordings?: readonly string[]
  /** What to explain; all operations where it is undefined. */
  readonly operation?: string | undefined
}

/** @throws UsageError when nobody can say what is meant. */
export function readArguments(typed: readonly string[]): Typed {
  const { flags, words } = readFlags(typed)
  // Every command has the same page.
  if (flags.help) return { flags, ...HELP }
  const [first, ...rest] = words
  const known = first !== undefined && Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined
  if (known !== undefined) return { flags, ...known(rest, flags) }
  if (first !== undefined && !/[./\\]/.test(first) && !existsSync(first))
    throw new UsageError(
      `unknown command ${JSON.stringify(first)}${didYouMean(first, Object.keys(COMMANDS))}`,
    )
  return { flags, ...serving(words, flags) }
}

/** What a command is given: the words behind its own, and the flags. */
type Reading = (words: readonly string[], flags: Flags) => Omit<Typed, 'flags'>

const HELP = { command: 'help', file: undefined, documents: [] } as const

const serving: Reading = (files, flags) => {
  const specs = [...files, ...(flags.spec === undefined ? [] : [flags.spec])]
  const documents = [...specs.map((spec) => ({ spec })), ...(flags.mount ?? []).map(mountFrom)]
  if (documents.length > 1 && flags.overlay !== undefined)
    throw new UsageError('--overlay is for one document; with several, use the option overlays of each')
  return { command: 'serve', file: undefined, documents }
}

const COMMANDS: Readonly<Record<string, Reading>> = {
  mock(files, flags) {
    const typed = serving(files, flags)
    if (typed.documents.length === 0)
      throw new UsageError('mock needs a document, as in: gosend-mock mock openapi.yaml')
    return typed
  },
  proxy: (words, flags) => ({ command: 'serve', file: undefined, ...proxied('proxy', words, flags) }),
  learn: (files) => ({ command: 'learn', ...recorded('learn', files) }),
  test: (files) => ({ command: 'test', ...recorded('test', files) }),
  parity(words, flags) {
    const { documents, upstream } = proxied('parity', words, flags)
    return { command: 'parity', file: documents[0]?.spec, documents: [], upstream }
  },
  mcp(files, flags) {
    const typed = serving(files, flags)
    if (flags.json) throw new UsageError('mcp goes without --json: its output is for the agent')
    return { ...typed, command: 'mcp' }
  },
  wait([url, ...surplus]) {
    if (url === undefined || surplus.length > 0 || !/^https?:\/\//i.test(url) || !URL.canParse(url))
      throw new UsageError('wait takes an address, as in: gosend-mock wait http://127.0.0.1:4010')
    return { command: 'wait', file: url, documents: [] }
  },
  keygen(words) {
    if (words.length > 0) throw new UsageError('keygen takes nothing')
    return { command: 'keygen', file: undefined, documents: [] }
  },
  explain(words, { spec }) {
    const [file, operation, ...surplus] = [...(spec === undefined ? [] : [spec]), ...words]
    if (file === undefined)
      throw new UsageError('explain needs a document, as in: gosend-mock explain openapi.yaml')
    if (surplus.length > 0)
      throw new UsageError('explain takes a document and one operation; put "GET /pets" in quotes')
    return { command: 'explain', file, operation, documents: [] }
  },
  help: () => HELP,
}

function recorded(command: string, recordings: readonly string[]): Omit<Typed, 'flags' | 'command'> {
  if (recordings.length === 0)
    throw new UsageError(
      `${command} needs recorded traffic, as in: gosend-mock ${command} api.har --spec openapi.yaml`,
    )
  return { file: undefined, documents: [], recordings }
}

/** The document and the API behind it. */
function proxied(
  command: string,
  given: readonly string[],
  { spec }: Flags,
): Pick<Typed, 'documents' | 'upstream'> {
  const [file, upstream, ...surplus] = [...(spec === undefined ? [] : [spec]), ...given]
  if (file === undefined || upstream === undefined || surplus.length > 0)
    throw new UsageError(
      `${command} takes a document and the address of the API, as in: gosend-mock ${command} openapi.yaml https://api.example.com`,
    )
  if (!isUpstream(upstream))
    throw new UsageError(
      `${command} needs an http or https address without a user, query or fragment, not ${JSON.stringify(shownAddress(upstream))}`,
    )
  return { documents: [{ spec: file }], upstream }
}

function mountFrom(pair: string): { readonly spec: string; readonly mount: string } {
  const [, mount, spec] = /^((?:\/[\w.~-]+)+)=(.+)$/.exec(pair) ?? []
  if (mount === undefined || spec === undefined)
    throw new UsageError(
      `--mount must be /PATH=FILE, such as /crm=crm.yaml, not ${JSON.stringify(shownAddress(pair))}`,
    )
  return { spec, mount }
}
