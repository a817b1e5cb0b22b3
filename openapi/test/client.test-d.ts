import { expectTypeOf, test } from 'vitest'
import { createGosendClient, createManagementClient, type GosendComponents } from '../src/index.js'

const gosend = createGosendClient()
const management = createManagementClient({ adminKey: '', baseUrl: '' })

test('there is either the documented project or a documented error', async () => {
  const { data, error } = await gosend.GET('/me')
  if (data) expectTypeOf(data).toEqualTypeOf<GosendComponents['schemas']['Project']>()
  else expectTypeOf(error.message).toEqualTypeOf<string>()
})

test('the status in an error body tells which error it is', async () => {
  const { error } = await gosend.GET('/me')
  expectTypeOf(error?.statusCode).toEqualTypeOf<401 | 403 | 429 | 500 | 502 | 503 | 504 | undefined>()
  if (error?.statusCode === 429) expectTypeOf(error.retry_after_seconds).toEqualTypeOf<number>()
  if (error?.statusCode === 401) expectTypeOf(error.retry_after_seconds).toEqualTypeOf<number | undefined>()
})

test('a path that the contract does not have does not compile', () => {
  // @ts-expect-error
  gosend.GET('/you')
  // @ts-expect-error
  gosend.POST('/me')
})

test('a key is created with what the management API asks for, and is in the answer', async () => {
  const params = { path: { projectId: '42' } }
  const { data } = await management.POST('/projects/{projectId}/keys', {
    params,
    body: { label: 'backend', environment: 'sandbox' },
  })
  expectTypeOf(data).toExtend<{ id: string; hint: string } | undefined>()
  // @ts-expect-error
  management.POST('/projects/{projectId}/keys', { params, body: { label: 'backend' } })
})
