// What the command needs to serve an agent, loaded for that command alone.

export { sendToAddress } from './address.js'
export { serveStdio } from './mcp.js'
export { openToolbox } from './tools.js'
