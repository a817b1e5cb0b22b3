import { execFile } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..')

// Imports are relative to where the file is written.
const withoutFolders = (routes: string) => routes.replace(/from '[^']*\/([^/']+\.js)'/g, "from '$1'")

it('the routes and the document are what the controllers say', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'adapter-'))
  await promisify(execFile)(process.execPath, [path.join(root, 'generate.mjs'), folder])
  const [document, routes, operations, committedDocument, committedRoutes, committedOperations] =
    await Promise.all(
      [
        path.join(folder, 'management.json'),
        path.join(folder, 'routes.ts'),
        path.join(folder, 'operations.ts'),
        path.join(root, '../../openapi/management.json'),
        path.join(root, 'src/management/generated/routes.ts'),
        path.join(root, 'src/management/generated/operations.ts'),
      ].map((file) => readFile(file, 'utf8')),
    )
  expect(document, 'run `npm run generate -w @gosend/express-adapter`').toBe(committedDocument)
  expect(withoutFolders(routes ?? '')).toBe(withoutFolders(committedRoutes ?? ''))
  expect(operations).toBe(committedOperations)
})
