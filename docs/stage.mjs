// Lays out the pages of the site in `.staged`, the folder that VitePress reads: files of the repository under the paths of
// contents.mjs, with their links changed accordingly, generated reference, and `llms.txt`.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeApi } from './api.mjs'
import { CONTENTS, OTHERS } from './contents.mjs'
import { changelog, reference, snippets } from './reference.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const staged = fileURLToPath(new URL('.staged', import.meta.url))
const read = (file) => readFileSync(join(root, file), 'utf8')

const entries = [...CONTENTS.flatMap((group) => group.entries), ...OTHERS]
/** The page of each file, and of each folder by its README. */
const pageOf = new Map()
for (const [path, , file] of entries) {
  if (file === undefined) continue
  pageOf.set(file, path)
  if (basename(file) === 'README.md' && file !== 'README.md') pageOf.set(dirname(file), path)
}
/** Programs that pages lead to become pages. */
for (const name of readdirSync(join(root, 'examples/src')))
  if (name.endsWith('.ts')) pageOf.set(`examples/src/${name}`, `examples/${name.replace('.ts', '')}`)

const fileOf = (path) => `${path.endsWith('/') || path === '' ? `${path}index` : path}.md`

function write(path, text) {
  const target = join(staged, fileOf(path))
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
}

const IMAGE = /\.(png|svg|jpe?g|webp)$/

/** A file's text with links as the site has them. What is no page is named, and not linked to. */
function linked(text, file) {
  const here = dirname(file)
  const target = (address) => {
    const [place, anchor] = address.split('#')
    if (/^[a-z]+:|^\/|^$/.test(place)) return address
    const found = posix.normalize(posix.join(here, place)).replace(/\/$/, '')
    if (IMAGE.test(found)) return imageOf(found)
    const page = pageOf.get(found)
    return page === undefined ? undefined : `/${page}${anchor === undefined ? '' : `#${anchor}`}`
  }
  return text
    .split(/(^```.*?^```$)/ms)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part
            .replace(/(!?)\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^)\s]+)\)/g, (_, image, name, address) => {
              const own = target(address)
              return own === undefined ? name : `${image}[${name}](${own})`
            })
            .replace(/(src|srcset)="([^"]+)"/g, (_, name, address) => `${name}="${target(address)}"`),
    )
    .join('')
    .replace(/<!-- generated: ([\w-]+) -->/g, (_, name) => {
      if (snippets[name] === undefined) throw new Error(`${file}: nothing makes ${name}`)
      return snippets[name]()
    })
}

function imageOf(file) {
  const target = join(staged, 'public', file)
  if (!existsSync(target)) {
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(root, file), target)
  }
  return `/${file}`
}

/** Tables and lists of the kind that agents read: https://llmstxt.org. */
function writeForAgents() {
  const groups = CONTENTS.map(({ name, entries: own }) => {
    const lines = own.map(([path, title]) => `- [${title}](/${fileOf(path)})`)
    return `## ${name}\n\n${lines.join('\n')}`
  })
  const about = read('docs/pages/llms.md').trim()
  const texts = entries.map(([path]) =>
    readFileSync(join(staged, fileOf(path)), 'utf8').replace(/^---\n.*?\n---\n/s, ''),
  )
  mkdirSync(join(staged, 'public'), { recursive: true })
  writeFileSync(join(staged, 'public/llms.txt'), `${about}\n\n${groups.join('\n\n')}\n`)
  writeFileSync(join(staged, 'public/llms-full.txt'), `${about}\n\n${texts.join('\n\n---\n\n')}`)
  // The pages as Markdown, beside the pages: what llms.txt leads to.
  for (const [path] of entries) {
    const target = join(staged, 'public', fileOf(path))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(staged, fileOf(path)), target)
  }
}

export async function stage() {
  rmSync(staged, { recursive: true, force: true })
  for (const [path, , file] of entries) if (file !== undefined) write(path, linked(read(file), file))
  for (const [file, path] of pageOf)
    if (file.startsWith('examples/')) write(path, `# ${basename(file)}\n\n\`\`\`ts\n${read(file)}\`\`\`\n`)
  for (const [path, text] of reference()) write(path, text)
  write('changelog', changelog())
  await writeApi(root, join(staged, 'reference/api'))
  writeForAgents()
}
