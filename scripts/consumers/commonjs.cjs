// A program that loads the packages both ways: what one copy has made, counted or refused, the other knows.

const assert = require('node:assert/strict')
const express = require('express')
const core = require('@gosend/auth-core')
const { createLimits } = require('@gosend/auth-core/limits')
const { memoryLimitStore } = require('@gosend/auth-core/limits/memory')
const { memoryStore } = require('@gosend/auth-core/memory')
const adapter = require('@gosend/express-adapter')

async function run() {
  const imported = await import('@gosend/auth-core')
  const { requireApiKey, CredentialError } = await import('@gosend/express-adapter')
  console.log(imported.createApiKeys === core.createApiKeys ? 'one copy' : 'two copies')

  const store = memoryStore()
  const [ours, theirs] = [core.createApiKeys({ store }), imported.createApiKeys({ store })]
  const { key, record } = await ours.issue({ projectId: '42', environment: 'production', label: 'both ways' })
  assert.equal((await theirs.verify(key)).ok, true)
  await assert.rejects(ours.rotate('AAAAAAAAAAAA'), imported.ApiKeysError)
  await assert.rejects(theirs.rotate('AAAAAAAAAAAA'), core.ApiKeysError)
  assert.equal(new Error('another') instanceof core.ApiKeysError, false)

  const limits = createLimits({
    store: memoryLimitStore(),
    plans: { standard: { perHour: 10 } },
    planOf: () => 'standard',
  })
  const app = express()
  app.use(adapter.requireApiKey(ours, { limits }), requireApiKey(theirs, { limits }))
  app.get('/', (request, response) => response.send(adapter.apiKeyOf(request).id))
  const authentication = adapter.tsoaAuthentication({ apiKeys: theirs })
  app.get('/error', async (request, _response, next) => {
    delete request.headers['x-api-key']
    next(
      await authentication(request, 'api_key').then(
        () => {},
        (error) => {
          assert.ok(error instanceof CredentialError)
          return error
        },
      ),
    )
  })
  app.use(adapter.apiKeyErrorHandler())
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.on('listening', resolve))
  const call = (path = '/') =>
    fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { 'X-API-Key': key } })
  try {
    const first = await call()
    assert.equal(await first.text(), record.id)
    assert.equal(first.headers.get('x-ratelimit-remaining'), '9')
    assert.equal((await call('/error')).status, 401)
    await theirs.revoke(record.id)
    assert.equal((await call()).status, 401)
  } finally {
    server.close()
  }
}

run().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
