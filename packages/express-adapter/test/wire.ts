// Requests and responses as bytes, for what client libraries refuse to send.

import { connect, type NetConnectOpts } from 'node:net'

export interface RawResponse {
  readonly status: number
  /** Lower-case names; repeated fields joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends bytes over a connection of its own and reads until the server closes it. A string is sent as UTF-8. */
export async function exchange(
  target: number | NetConnectOpts,
  request: string | Buffer,
  expectBody: (index: number) => boolean = () => true,
): Promise<RawResponse[]> {
  const options = typeof target === 'number' ? { port: target, host: '127.0.0.1' } : target
  const chunks: Buffer[] = []
  await new Promise<void>((resolve, reject) => {
    const socket = connect(options, () => socket.write(request))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => resolve())
    socket.on('error', (error: NodeJS.ErrnoException) =>
      // The server resets the connection when it answers without having read everything.
      ['ECONNRESET', 'EPIPE'].includes(error.code ?? '') ? resolve() : reject(error),
    )
  })
  return parseResponses(Buffer.concat(chunks).toString('utf8'), expectBody)
}

function parseResponses(text: string, expectBody: (index: number) => boolean): RawResponse[] {
  const responses: RawResponse[] = []
  let rest = Buffer.from(text, 'utf8')
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('utf8').split('\r\n')
    const headers: Record<string, string> = {}
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? []
      const key = name.toLowerCase()
      headers[key] = key in headers ? `${headers[key]}, ${value}` : value
    }
    const length = expectBody(responses.length) ? Number(headers['content-length'] ?? 0) : 0
    const bodyStart = end + 4
    const body = rest.subarray(bodyStart, bodyStart + length).toString('utf8')
    responses.push({ status: Number(statusLine.split(' ')[1]), headers, body })
    rest = rest.subarray(bodyStart + length)
  }
  return responses
}

/** A GET request with these header lines, on a connection that closes afterwards. */
export function get(path: string, ...headerLines: string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headerLines, '', ''].join('\r\n')
}
