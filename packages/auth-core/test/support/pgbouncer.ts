// A real PgBouncer, where one is installed or PGBOUNCER_PATH names one. Elsewhere tests that need it are left out and say
// so, except in continuous integration, which installs one.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, identity, type ServerAddress } from './postgres-server.js'

export interface PgBouncer {
  readonly address: ServerAddress
  freeze(): void
  thaw(): void
}

const candidates = [process.env.PGBOUNCER_PATH, 'pgbouncer', '/usr/sbin/pgbouncer']

const installed = candidates.flatMap((path) => {
  if (path === undefined) return []
  try {
    const [, version = '0'] =
      /PgBouncer 1\.(\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' })) ?? []
    return [{ path, minorVersion: Number(version) }]
  } catch {
    return []
  }
})[0]

export const hasPgBouncer = installed !== undefined || process.env.CI !== undefined
/** Whether it can keep prepared statements while it pools transactions. */
export const keepsStatements = (installed?.minorVersion ?? 0) >= 21

if (!hasPgBouncer) console.warn('There is no pgbouncer here, so the tests with a real PgBouncer are left out')

const running = new Map<ChildProcess, string>()

/** One in front of `port`, with so few connections to Postgres that clients must share them. */
export async function startPgBouncer(
  port: number,
  settings: Readonly<Record<string, string | number>>,
): Promise<PgBouncer> {
  if (installed === undefined) {
    throw new Error(
      'Poolers are tested with a real PgBouncer: `apt-get install pgbouncer`, or set PGBOUNCER_PATH.',
    )
  }
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'))
  const address = { host: '127.0.0.1', port: await freePort(), user: 'postgres', database: 'postgres' }
  const lines = Object.entries({
    listen_addr: address.host,
    listen_port: address.port,
    unix_socket_dir: '',
    auth_type: 'any',
    default_pool_size: 4,
    max_client_conn: 200,
    server_login_retry: 0,
    ...settings,
  }).map(([name, value]) => `${name} = ${value}\n`)
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(
    file,
    `[databases]\npostgres = user=postgres host=127.0.0.1 port=${port}\n[pgbouncer]\n${lines.join('')}`,
  )
  if (identity.uid !== undefined)
    for (const path of [folder, file]) chownSync(path, identity.uid, identity.gid)
  const child = spawn(installed.path, [file], { ...identity, stdio: ['ignore', 'ignore', 'pipe'] })
  running.set(child, folder)
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  while (!(await accepts(address.port))) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}: ${log}`)
    await sleep(20)
  }
  return { address, freeze: () => void child.kill('SIGSTOP'), thaw: () => void child.kill('SIGCONT') }
}

export async function stopPgBouncers(): Promise<void> {
  for (const [child, folder] of running) {
    if (child.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
  running.clear()
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
