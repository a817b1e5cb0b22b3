// Every link of the built site leads to a page that is there, and to a heading of it.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'

/** @throws Error that lists the links that lead nowhere. */
export function checkSite(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.html'))
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const broken = files.flatMap((file) =>
    linksIn(texts.get(file)).flatMap((address) => {
      const problem = problemOf(address, file, texts, folder)
      return problem === undefined ? [] : [`${file}: ${address} ${problem}`]
    }),
  )
  if (broken.length > 0) throw new Error(`Links that lead nowhere:\n${[...new Set(broken)].join('\n')}`)
  console.log(`${files.length} pages, and every link leads somewhere`)
}

const linksIn = (text) =>
  [...text.matchAll(/<a [^>]*?href="([^"]*)"/g)]
    .map(([, address]) => address.replaceAll('&amp;', '&'))
    .filter((address) => !/^[a-z]+:|^\/\//.test(address))

function problemOf(address, file, texts, folder) {
  const [path, anchor] = address.split('#')
  const from = path.startsWith('/') ? '/' : `/${posix.dirname(file)}`
  const plain = decodeURIComponent(posix.join(from, path)).slice(1).replace(/\/$/, '')
  const target =
    path === ''
      ? file
      : [plain, `${plain}.html`, posix.join(plain, 'index.html')].find((one) => texts.has(one))
  if (target === undefined) return existsSync(join(folder, plain)) ? undefined : 'leads to no page'
  const hasAnchor = !anchor || texts.get(target).includes(` id="${decodeURIComponent(anchor)}"`)
  return hasAnchor ? undefined : 'leads to no heading'
}
