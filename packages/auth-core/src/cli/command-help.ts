// The page that `--help` prints for one command: what the page for all of them says of it and of its flags.

import { type Flag, OPTIONS } from './flags.js'
import { HELP } from './help.js'

interface Section {
  readonly title: string
  readonly lines: readonly string[]
}

const sections: readonly Section[] = HELP.trimEnd()
  .split('\n\n')
  .map((text) => {
    const [title = '', ...lines] = text.split('\n')
    return { title, lines }
  })

const sectionOf = (start: string) => sections.find(({ title }) => title.startsWith(start))

const FLAG_LINE = /^ {6}--/

/** The flags that an entry is about: those before what it says of them. */
function flagsOf(entry: string): readonly string[] {
  if (!FLAG_LINE.test(entry)) return []
  const [about = ''] = entry.trim().split(/ {2,}/)
  return [...about.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => name)
}

/** What is said of one flag, over several lines, or of several in one. */
function entriesOf({ lines }: Section): readonly string[] {
  const entries: string[] = []
  for (const line of lines) {
    if (entries.length > 0 && line.startsWith(' '.repeat(7))) entries.push(`${entries.pop()}\n${line}`)
    else entries.push(line)
  }
  return entries
}

// What keys have is said where they are made.
const inOrder = [...sections].sort(
  (a, b) => Number(b.title === 'keys create') - Number(a.title === 'keys create'),
)
const anywhere = inOrder
  .flatMap(entriesOf)
  .filter((entry) => flagsOf(entry).length === 1 && !entry.includes('as above'))

/** @param name as in the table of commands: `keys create`. */
export function helpOf(name: string, flags: readonly Flag[]): string {
  const isTaken = (flag: string) => flag === 'help' || flags.some((known) => known === flag)
  const usage = sectionOf('Usage')?.lines.find((line) => `${line} `.startsWith(`  gosend-keys ${name} `))
  const own = sections
    .filter(({ title }) => title === name || title.startsWith(`${name} `))
    .flatMap(entriesOf)
    .filter((entry) => !entry.includes('as above'))
  const general = GENERAL.flatMap((start) => {
    const { title = '', lines = [] } = sectionOf(start) ?? {}
    const entries = entriesOf({ title, lines }).filter((entry) => flagsOf(entry).some(isTaken))
    return entries.length === 0 ? [] : [{ title, lines: entries }]
  })
  const known = new Set([...own, ...general.flatMap(({ lines }) => lines)].flatMap(flagsOf))
  const others = flags
    .filter((flag) => !known.has(flag))
    .flatMap((flag) => anywhere.find((entry) => flagsOf(entry)[0] === flag) ?? [])
  const remarks = own.filter((entry) => flagsOf(entry).length === 0)
  const options = [...own.filter((entry) => !remarks.includes(entry)), ...others, ...remarks]
  return [
    `Usage\n${usage ?? `  gosend-keys ${name}`}`,
    ...(options.length === 0 ? [] : [['Options', ...options].join('\n')]),
    ...general.map(({ title, lines }) => [title, ...lines].join('\n')),
    'gosend-keys --help names all commands.',
  ].join('\n\n')
}

const GENERAL = ['Which database', 'What your keys are like', 'Everywhere']

/** The help as data, for programs: what each command does, and what goes with it. */
export function helpData(commands: Readonly<Record<string, { readonly flags: readonly Flag[] }>>): object {
  return {
    commands: Object.entries(commands).map(([name, { flags }]) => {
      const page = helpOf(name, flags)
      const [usage = '', description = ''] = (page.split('\n')[1] ?? '').trim().split(/ {2,}/)
      return { usage, description, flags: flags.map((flag) => flagData(flag, page)) }
    }),
  }
}

function flagData(flag: Flag, page: string): object {
  const { type, ...rest } = OPTIONS[flag]
  const entry = entriesOf({ title: '', lines: page.split('\n') }).find((one) => flagsOf(one).includes(flag))
  const [, ...said] = (entry ?? '').trim().split(/ {2,}|\n/)
  const description = said.map((text) => text.trim()).filter((text) => text !== '')
  return { name: `--${flag}`, type, repeatable: 'multiple' in rest, description: description.join(' ') }
}
