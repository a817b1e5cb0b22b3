// `gosend-mock learn`: reads recorded traffic, and writes the learned file beside the document.

import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { stringify } from 'yaml'
import { type Learned, type LearningReport, learnTraffic, testTraffic } from '../index.js'
import { learnedFileOf } from '../learning/learned-file.js'
import type { Typed } from './commands.js'
import { documentOptionsFrom } from './options.js'
import { UsageError } from './usage-error.js'

/** What a document is called where nobody names it. */
const USUAL = ['openapi.yaml', 'openapi.yml', 'openapi.json', 'swagger.yaml', 'swagger.yml', 'swagger.json']

/** @throws UsageError when there is no document, and Error when a file holds no traffic. */
export async function learnCommand({
  flags,
  recordings = [],
}: Typed): Promise<{ readonly file: string; readonly report: LearningReport }> {
  const spec = documentOf(flags, 'learn')
  const file = flags.out ?? learnedFileOf(ADDRESS.test(spec) ? basename(new URL(spec).pathname) : spec)
  const { learned, report } = await learnTraffic(spec, recordings, documentOptionsFrom(flags))
  if (report.used === 0) throw new Error(`Nothing in ${recordings.join(', ')} is of an operation of ${spec}`)
  write(file, textOfLearned(learned, file))
  return { file, report }
}

/** Makes a test of recorded traffic. Gives its text, or the file that it is in. */
export async function testCommand({
  flags,
  recordings = [],
}: Typed): Promise<{ readonly text: string; readonly file: string | undefined }> {
  const text = await testTraffic(documentOf(flags, 'test'), recordings, documentOptionsFrom(flags))
  if (flags.out !== undefined) write(flags.out, text)
  return { text, file: flags.out }
}

const ADDRESS = /^https?:\/\//i

function documentOf({ spec }: Typed['flags'], command: string): string {
  const found = spec ?? USUAL.find((name) => existsSync(name))
  if (found === undefined)
    throw new UsageError(
      `${command} needs the document of the API, as in: gosend-mock ${command} api.har --spec openapi.yaml`,
    )
  return found
}

function write(file: string, text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}

/** As JSON or YAML, by the name of the file that it is for. */
const textOfLearned = (learned: Learned, file: string): string =>
  /\.json$/i.test(file)
    ? `${JSON.stringify(learned, undefined, 2)}\n`
    : stringify(learned, { lineWidth: 0, aliasDuplicateObjects: false })
