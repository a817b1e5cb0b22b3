// Writes the documents in YAML once more as JSON in dist, for programs that start faster without a YAML parser.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'

await mkdir(new URL('dist/', import.meta.url), { recursive: true })
for (const name of ['gosend', 'control']) {
  const yaml = await readFile(new URL(`${name}.yaml`, import.meta.url), 'utf8')
  await writeFile(new URL(`dist/${name}.json`, import.meta.url), JSON.stringify(parse(yaml)))
}
