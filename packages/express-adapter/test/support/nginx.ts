// A real nginx with a configuration of the test's own. The machine brings it, as Debian's package does.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const places = [process.env.NGINX_PATH, '/usr/sbin/nginx', '/usr/local/sbin/nginx', '/opt/homebrew/bin/nginx']

const findNginx = () => places.find((place) => place !== undefined && existsSync(place))

export const hasNginx = () => findNginx() !== undefined

export interface Nginx {
  readonly url: string
  close(): Promise<void>
}

/** @param locations what stands in its one server block. */
export async function startNginx(locations: string): Promise<Nginx> {
  const command = findNginx()
  if (command === undefined) {
    throw new Error('Proxies are tested with a real nginx: `apt-get install nginx`, or set NGINX_PATH.')
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'adapter-nginx-'))
  const port = await freePort()
  const stores = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const log = path.join(folder, 'error.log')
  const file = path.join(folder, 'nginx.conf')
  await writeFile(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log ${log};
     events {}
     http {
       access_log off;
       ${stores.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
       server { listen 127.0.0.1:${port}; ${locations} }
     }`,
  )
  const child = spawn(command, ['-p', folder, '-c', file, '-e', log], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`nginx did not start: ${await readFile(log, 'utf8')}`)
    await wait(20)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill()
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = Object(server.address()) as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.once('connect', () => socket.end())
  })
}
