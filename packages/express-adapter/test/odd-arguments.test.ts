// Whatever JavaScript calls a public function with, it is told in our own words what to pass, never by an error of the engine.

import { ApiKeysError } from '@gosend/auth-core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import * as adapter from '../src/index.js'
import { createTestKeys } from './host.js'

// biome-ignore lint/suspicious/noExplicitAny: what JavaScript passes has no type.
type Call = readonly [(...given: any[]) => unknown, ...unknown[]]

const { apiKeys } = createTestKeys()
const projects = adapter.memoryProjects()
const openapi = {
  openapi: '3.1.0',
  paths: {},
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } } },
}
const request = { method: 'GET', baseUrl: '', path: '/', apiKey: {} }

/** For each export, a call that works. */
const calls: Readonly<Record<string, Call>> = {
  apiKeyErrorHandler: [adapter.apiKeyErrorHandler, {}],
  apiKeyOf: [adapter.apiKeyOf, request],
  dashboard: [adapter.dashboard, {}],
  githubPublicKeys: [adapter.githubPublicKeys, {}],
  healthRoute: [adapter.healthRoute, apiKeys],
  managementRouter: [adapter.managementRouter, { apiKeys, projects }],
  memoryProjects: [adapter.memoryProjects, []],
  requireApiKey: [adapter.requireApiKey, apiKeys, {}],
  'requireApiKey.fromOpenApi': [adapter.requireApiKey.fromOpenApi, apiKeys, openapi, {}],
  secretScanning: [adapter.secretScanning, { apiKeys }],
  tsoaAuthentication: [adapter.tsoaAuthentication, { apiKeys }],
  verifyRoute: [adapter.verifyRoute, apiKeys, {}],
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, undefined, 0, Number.NaN, 1n, '', 'x', true, Symbol('s'), [], [null], {}, () => null],
    ...[new Date(Number.NaN), new Map(), /x/, Object.create(null), { paths: null }, { paths: { '/a': 1 } }],
  ),
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }),
)

// Ours begin with what they are about, and a colon. So do no errors of the engine, and those of Node have a code.
const isOurs = (error: unknown) =>
  error instanceof ApiKeysError ||
  (error instanceof TypeError &&
    !('code' in error) &&
    /^(?!Cannot |Class |Method ).+?: /s.test(error.message))

it('every public function is tried', () => {
  const expected = Object.entries(adapter).flatMap(([name, member]) =>
    typeof member === 'function' && name !== 'CredentialError' ? [name] : [],
  )
  expect(expected.filter((name) => !Object.hasOwn(calls, name))).toEqual([])
})

it('whatever stands in the place of an argument, no function answers with an error of the engine', async () => {
  const slip = fc.constantFrom(...Object.entries(calls)).chain(([name, [call, ...given]]) =>
    fc.record({
      name: fc.constant(name),
      call: fc.constant(call),
      given: fc
        .tuple(fc.nat(given.length - 1), odd)
        .map(([place, value]) => given.map((right, i) => (i === place ? value : right))),
    }),
  )
  await fc.assert(
    fc.asyncProperty(slip, async ({ name, call, given }) => {
      try {
        await call(...given)
      } catch (error) {
        if (!isOurs(error)) throw new Error(`${name}: ${String(error)}`, { cause: error })
      }
    }),
    { numRuns: Number(process.env.ODD_RUNS ?? 400) },
  )
})
