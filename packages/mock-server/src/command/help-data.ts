// The help as data, for programs and agents: the table of flags, with what the text for people says of each.

import { HELP } from './help.js'
import { PRISM_FLAGS } from './prism.js'

/** A row of the table of flags. */
export interface FlagKind {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly multiple?: boolean
}

interface Entry {
  readonly heading: string
  readonly description: string
}

/** A heading, two spaces deep, and its text beside and below it. */
const HEADING =
  /^ {2}(?:(-\w), | {4})?(gosend-mock.*?(?= {2}|$)|--[\w-]+(?: \S+(?= {2}|$)| [A-Z/][^\s,]*)?(?:, --[\w-]+(?: [A-Z]\S*)?)*)(?: +(.*))?$/

export function helpData(flags: Readonly<Record<string, FlagKind>>): object {
  const entries = entriesOf(HELP)
  const commands = entries.filter(({ heading }) => heading.startsWith('gosend-mock'))
  const texts = entries.filter(({ heading }) => heading.startsWith('--'))
  return {
    commands: commands.map(({ heading, description }) => ({ usage: heading, description })),
    flags: Object.entries(flags).map(([name, { type, short, multiple = false }]) => {
      const own = texts.find(({ heading }) => namesIn(heading).includes(name))
      const opposite = name.startsWith('no-') ? name.slice(3) : `no-${name}`
      return {
        name: `--${name}`,
        ...(short === undefined ? {} : { short: `-${short}` }),
        ...{ type, repeatable: multiple },
        description: own?.description ?? `the opposite of --${opposite}`,
      }
    }),
    prism: PRISM_FLAGS.map(({ name, short, here }) => ({
      flag: `--${name}`,
      ...(short === undefined ? {} : { short: `-${short}` }),
      here,
    })),
  }
}

const namesIn = (heading: string): readonly string[] =>
  [...heading.matchAll(/--([\w-]+)/g)].map(([, name = '']) => name)

function entriesOf(text: string): readonly Entry[] {
  const entries: { heading: string; description: string }[] = []
  for (const line of text.split('\n')) {
    const [, , heading, description = ''] = HEADING.exec(line) ?? []
    const latest = entries.at(-1)
    if (heading !== undefined) entries.push({ heading, description })
    else if (line.trim() === '' || !line.startsWith('   ')) entries.push({ heading: '', description: '' })
    else if (latest !== undefined) latest.description += ` ${line.trim()}`
  }
  return entries
    .filter(({ heading }) => heading !== '')
    .map(({ heading, description }) => ({ heading, description: description.replace(/ {2,}/g, ' ').trim() }))
}
