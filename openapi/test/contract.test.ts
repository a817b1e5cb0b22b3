import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { createConfig, lint } from '@redocly/openapi-core'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'

const root = path.join(import.meta.dirname, '..')
const gosend = path.join(root, 'gosend.yaml')

/** The files of a folder by name. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const name of await readdir(folder)) files[name] = await readFile(path.join(folder, name), 'utf8')
  return files
}

test('gosend.yaml passes the recommended lint, examples against schemas included', async () => {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lint({ ref: gosend, config })
  // The error responses are there for operations yet to come, so that they all speak alike.
  const found = problems.filter(({ ruleId }) => ruleId !== 'no-unused-components')

  expect(found.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([])
})

test('GET /me and its 401 are documented byte for byte', async () => {
  const { paths, components } = parse(await readFile(gosend, 'utf8'))
  const me = paths['/me'].get.responses['200'].content['application/json'].example
  const unauthorized = components.responses.Unauthorized.content['application/json'].example

  expect(JSON.stringify(me)).toBe(
    '{"id":"42","name":"Acme Production","webhookUrl":"https://api.acme.com/webhooks/gosendapi","createdAt":"2026-01-15T10:00:00Z"}',
  )
  expect(JSON.stringify(unauthorized)).toBe(
    '{"statusCode":401,"message":"Invalid or missing API key","error":"Unauthorized"}',
  )
})

test('every documented error repeats its own status', async () => {
  const { paths, components } = parse(await readFile(gosend, 'utf8'))
  const operations = Object.values<object>(paths).flatMap((methods) => Object.values(methods))
  const documented = operations.flatMap(({ responses }) => Object.entries<{ $ref?: string }>(responses))
  const errors = documented.filter(([status]) => Number(status) >= 400)

  expect(errors.length).toBeGreaterThan(0)
  for (const [status, { $ref }] of errors) {
    const response = components.responses[path.basename($ref ?? '')]
    expect(response.content['application/json'].example).toMatchObject({ statusCode: Number(status) })
  }
})

test('the committed types are those of the contracts; `npm run generate` renews them', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'gosend-types-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await promisify(execFile)(process.execPath, ['generate.mjs', folder], { cwd: root })

  expect(await contents(path.join(root, 'src/generated'))).toEqual(await contents(folder))
})
