import { expectTypeOf, test } from 'vitest'
import {
  createControlClient,
  createGosendClient,
  createManagementClient,
  type GosendComponents,
} from '../src/index.js'

const gosend = createGosendClient()
const control = createControlClient({ adminKey: '', baseUrl: '' })
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

test('the type of a message decides what else it holds', () => {
  const to = { phone_number_id: '555123456789', to: '5491140123456' }
  gosend.POST('/messages', { body: { ...to, type: 'text', text: { body: 'Hello' } } })
  // @ts-expect-error
  gosend.POST('/messages', { body: { ...to, type: 'image', text: { body: 'Hello' } } })
  // @ts-expect-error
  gosend.POST('/messages', { body: { ...to, type: 'reaction', reaction: { message_id: 'wamid.A' } } })
})

test('a walk through a list knows what is in it', async () => {
  for await (const waba of gosend.list('/wabas')) {
    expectTypeOf(waba).toEqualTypeOf<GosendComponents['schemas']['Waba']>()
  }
  for await (const message of gosend.list('/messages', { params: { query: { direction: 'inbound' } } })) {
    if (message.direction === 'inbound' && message.type === 'button') {
      expectTypeOf(message.button.text).toEqualTypeOf<string>()
    }
    // @ts-expect-error
    message.text
  }
})

test('a list can be walked only where there is one, with what its path and query ask for', () => {
  gosend.list('/wabas/{waba_id}/templates', { params: { path: { waba_id: '12' } } })
  // @ts-expect-error
  gosend.list('/wabas/{waba_id}/templates')
  // @ts-expect-error
  gosend.list('/me')
  // @ts-expect-error
  gosend.list('/messages', { params: { query: { status: 'lost' } } })
})

test('a path that takes the admin key does not compile', () => {
  // @ts-expect-error
  gosend.POST('/admin/tenants/{tenantId}/customers')
})

test('the control plane answers with its clock and its journal', async () => {
  const { data: clock } = await control.POST('/clock', { body: { advance: '25h' } })
  expectTypeOf(clock?.now).toEqualTypeOf<string | undefined>()
  const { data: requests } = await control.GET('/requests')
  expectTypeOf(requests?.[0]?.reason).toEqualTypeOf<string | null | undefined>()
  // @ts-expect-error there is no such path
  await control.GET('/nothing')
})
