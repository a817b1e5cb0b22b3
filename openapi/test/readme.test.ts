import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { json, listen } from './server.js'

const root = path.join(import.meta.dirname, '..')

/** Runs the README's first program as its reader would, against the given server. */
async function runProgram(url: string) {
  const readme = await readFile(path.join(root, 'README.md'), 'utf8')
  const program = readme.match(/```ts\n(.*?)```/s)?.[1] ?? ''
  const env = { ...process.env, GOSENDAPI_KEY: 'gsk_test_a1b2c3', GOSENDAPI_URL: url }
  return promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root, env })
}

test('the program in the README prints the project', async () => {
  const server = await listen(json(200, { id: '42', name: 'Acme Production' }))

  expect(await runProgram(`${server.url}/v1`)).toMatchObject({
    stdout: 'This key belongs to Acme Production.\n',
  })
  expect(server.requests).toMatchObject([{ url: '/v1/me', headers: { 'x-api-key': 'gsk_test_a1b2c3' } }])
})

test('the program in the README fails with the reason when the key is refused', async () => {
  const server = await listen(
    json(401, { statusCode: 401, message: 'Invalid or missing API key', error: 'Unauthorized' }),
  )

  await expect(runProgram(server.url)).rejects.toMatchObject({
    code: 1,
    stderr: '401: Invalid or missing API key\n',
  })
})
