// The command in a process of its own, to be killed and measured.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

export interface Running {
  readonly url: string
  readonly keys: { readonly live: string }
  readonly adminKey: string
  /** With the production key below `/v1`, with the admin key elsewhere. */
  post(path: string, body: object): Promise<Response>
  get(path: string): Promise<Response>
  kill(): Promise<unknown>
  /** Megabytes of memory that the process has, where the system tells. */
  memory(): Promise<number | undefined>
  /** The most that it has ever had. */
  peak(): Promise<number | undefined>
}

const BIN = fileURLToPath(new URL('../bin/gosend-mock.js', import.meta.url))
const children = new Set<ChildProcess>()

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

/** @param flags what is mocked and how; by default GoSendAPI at full speed. */
export const boot = (db: string, flags: readonly string[] = ['--rate-limits', 'off']): Promise<Running> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, '--db', db, '--port', '0', '--json', '--quiet', ...flags])
    children.add(child)
    const gone = new Promise((done) => child.on('exit', done))
    child.on('error', reject)
    void gone.then(() => children.delete(child))
    child.stdout.once('data', (line: Buffer) => {
      const started = JSON.parse(line.toString()) as Pick<Running, 'url' | 'keys' | 'adminKey'>
      const { url, keys, adminKey } = started
      const credential = (path: string): Record<string, string> =>
        path.startsWith('/v1/') ? { 'x-api-key': keys.live } : { 'x-admin-key': adminKey }
      resolve({
        ...started,
        post: (path, body) =>
          fetch(url + path, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...credential(path) },
            body: JSON.stringify(body),
          }),
        get: (path) => fetch(url + path, { headers: credential(path) }),
        kill() {
          child.kill('SIGKILL')
          return gone
        },
        memory: () => megabytes(child, 'VmRSS'),
        peak: () => megabytes(child, 'VmHWM'),
      })
    })
  })

async function megabytes(child: ChildProcess, name: string): Promise<number | undefined> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
  const [, kilobytes] = new RegExp(`${name}:\\s+(\\d+) kB`).exec(status) ?? []
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
}
