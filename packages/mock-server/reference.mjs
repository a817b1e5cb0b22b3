// Puts the one script of Scalar's API reference into dist/reference, compressed: a megabyte in place of the 300 packages
// that it is made of.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

const script = new URL(import.meta.resolve('@scalar/api-reference/browser/standalone.js'))
await mkdir(new URL('dist/reference/', import.meta.url), { recursive: true })
await writeFile(
  new URL('dist/reference/scalar.js.gz', import.meta.url),
  gzipSync(await readFile(script), { level: 9 }),
)
