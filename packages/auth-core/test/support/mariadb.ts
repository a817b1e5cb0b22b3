// A real MariaDB of its own, where one is installed. Elsewhere tests that need it are left out and say so.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'

const found = ['mariadbd', '/usr/sbin/mariadbd'].find((path) => {
  try {
    execFileSync(path, ['--version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
})

export const hasMariadb = found !== undefined

if (!hasMariadb) console.warn('There is no mariadbd here, so the tests with a real MariaDB are left out')

const FLAGS = [
  '--no-defaults',
  '--skip-networking',
  '--skip-grant-tables',
  '--innodb-buffer-pool-size=32M',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-flush-method=nosync',
  '--innodb-doublewrite=0',
  '--aria-log-purge-type=immediate',
  '--user=root',
]

export interface Mariadb {
  readonly socketPath: string
  /** The name of a database that is there and has no tables. */
  newDatabase(): Promise<string>
  stop(): Promise<void>
}

export async function startMariadb(): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'mariadb-'))
  const socketPath = join(folder, 'socket')
  const data = join(folder, 'data')
  execFileSync(
    'mariadb-install-db',
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--user=root',
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ],
    { stdio: 'pipe' },
  )
  const server: ChildProcess = spawn(found ?? '', [...FLAGS, `--datadir=${data}`, `--socket=${socketPath}`], {
    stdio: 'ignore',
  })
  const exited = new Promise((resolve) => server.once('exit', resolve))
  const connect = async () => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await createConnection({ socketPath, user: 'root' })
      } catch (error) {
        if (attempt === 200 || server.exitCode !== null) throw error
        await sleep(50)
      }
    }
  }
  const connection = await connect()
  let databases = 0
  return {
    socketPath,
    async newDatabase() {
      const name = `test_${databases++}`
      await connection.query(`CREATE DATABASE ${name}`)
      return name
    },
    async stop() {
      await connection.end()
      server.kill()
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
