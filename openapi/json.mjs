// Writes gosend.yaml once more as dist/gosend.json, for programs that start faster without a YAML parser.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'

const yaml = await readFile(new URL('gosend.yaml', import.meta.url), 'utf8')
await mkdir(new URL('dist/', import.meta.url), { recursive: true })
await writeFile(new URL('dist/gosend.json', import.meta.url), JSON.stringify(parse(yaml)))
