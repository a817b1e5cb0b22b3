// openapi-backend as its documentation shows it for mocking: `node mock-openapi-backend.mjs FILE PORT`.

import { createServer } from 'node:http'
import { OpenAPIBackend } from 'openapi-backend'

const [, , definition, port] = process.argv
const answer = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
const api = new OpenAPIBackend({
  definition,
  // It knows the rules of OpenAPI 3.0 alone, and would serve nothing of a document that breaks them.
  quick: true,
  handlers: {
    notImplemented: ({ api: self, operation }, _request, response) => {
      const { status, mock } = self.mockResponseForOperation(operation.operationId)
      answer(response, status, mock)
    },
    validationFail: ({ validation }, _request, response) =>
      answer(response, 400, { errors: validation.errors }),
    notFound: (_context, _request, response) => answer(response, 404, { message: 'not found' }),
  },
})
await api.init()

createServer(async (request, response) => {
  let body = ''
  request.setEncoding('utf8')
  for await (const chunk of request) body += chunk
  const { method, url: path, headers } = request
  await api.handleRequest({ method, path, headers, body: body === '' ? undefined : body }, request, response)
}).listen(Number(port), '127.0.0.1')
