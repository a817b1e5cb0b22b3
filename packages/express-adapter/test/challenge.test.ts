import express from 'express'
import { expect, it } from 'vitest'
import { sendError } from '../src/challenge.js'
import { listen } from './host.js'

it.each([
  {
    accept: 'application/json',
    body: '{"statusCode":429,"message":"Slow down","error":"Too Many Requests","retry_after_seconds":17}',
  },
  {
    accept: 'application/problem+json',
    body: '{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Slow down","instance":"/v1/me","retry_after_seconds":17}',
  },
])('a 429 says in header and body how long to wait, as $accept', async ({ accept, body }) => {
  const app = express()
  app.use((request, response) =>
    sendError(request, response, { status: 429, message: 'Slow down', retryAfterSeconds: 17 }),
  )
  const { url } = await listen(app)
  const response = await fetch(`${url}/v1/me?api_key=secret`, { headers: { accept } })
  expect(await response.text()).toBe(body)
  expect(response.headers.get('retry-after')).toBe('17')
  expect(response.headers.get('cache-control')).toBe('no-store')
})
