// Tools for agents over the Model Context Protocol, with its official SDK, which is loaded when somebody asks for it.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { isObject } from '../engine/json.js'
import { BadCall } from './calls.js'
import type { Toolbox } from './tools.js'

/** The SDK is not installed. */
export class MissingSdk extends Error {
  constructor(cause: unknown) {
    super('MCP needs the package @modelcontextprotocol/sdk: run npm install @modelcontextprotocol/sdk', {
      cause,
    })
  }
}

/** @throws MissingSdk when it is not installed. */
async function loadSdk() {
  try {
    const [server, types, stdio, http] = await Promise.all([
      import('@modelcontextprotocol/sdk/server/index.js'),
      import('@modelcontextprotocol/sdk/types.js'),
      import('@modelcontextprotocol/sdk/server/stdio.js'),
      import('@modelcontextprotocol/sdk/server/streamableHttp.js'),
    ])
    return { ...server, ...types, ...stdio, ...http }
  } catch (error) {
    // As import() says it, and as require() does in the command.
    const isMissing = isObject(error) && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code))
    throw isMissing ? new MissingSdk(error) : error
  }
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>

function serverOf(sdk: Sdk, { instructions, tools }: Toolbox, version: string) {
  const server = new sdk.Server(
    { name: 'gosend-mock', version },
    { capabilities: { tools: {} }, instructions },
  )
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  server.setRequestHandler(sdk.ListToolsRequestSchema, () => ({
    tools: tools.map(({ name, title, description, inputSchema, isReading, isDestructive }) => ({
      ...{ name, title, description },
      inputSchema: { ...inputSchema, type: 'object' as const },
      annotations: { readOnlyHint: isReading, destructiveHint: isDestructive, openWorldHint: false },
    })),
  }))
  server.setRequestHandler(sdk.CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }) => {
    const tool = byName.get(name)
    if (tool === undefined) return answerOf(`There is no tool ${name}`, true)
    try {
      const { text, isError } = await tool.run(given)
      return answerOf(text, isError)
    } catch (error) {
      if (error instanceof BadCall) return answerOf(error.message, true)
      throw error
    }
  })
  return server
}

const answerOf = (text: string, isError: boolean) => ({ content: [{ type: 'text' as const, text }], isError })

/**
 * Serves an agent over standard input and output. Resolves when it has gone.
 *
 * @throws MissingSdk when the SDK is not installed.
 */
export async function serveStdio(toolbox: () => Promise<Toolbox>, version: string): Promise<void> {
  const sdk = await loadSdk()
  const server = serverOf(sdk, await toolbox(), version)
  const gone = new Promise<void>((resolve) => {
    server.onclose = resolve
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
  })
  await server.connect(new sdk.StdioServerTransport())
  await gone
}

/**
 * Answers one POST of an agent, with JSON and without a session.
 *
 * @throws MissingSdk when the SDK is not installed.
 */
export async function serveHttp(
  request: IncomingMessage,
  response: ServerResponse,
  { body, toolbox, version }: { readonly body: unknown; readonly toolbox: Toolbox; readonly version: string },
): Promise<void> {
  const sdk = await loadSdk()
  const server = serverOf(sdk, toolbox, version)
  const transport = new sdk.StreamableHTTPServerTransport({ enableJsonResponse: true })
  response.once('close', () => void server.close())
  await server.connect(transport)
  await transport.handleRequest(request, response, body)
}
