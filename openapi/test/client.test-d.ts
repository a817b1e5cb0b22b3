import { expectTypeOf, test } from 'vitest'
import { createGosendClient, type GosendComponents } from '../src/index.js'

const gosend = createGosendClient()

test('there is either the documented project or a documented error', async () => {
  const { data, error } = await gosend.GET('/me')
  if (data) expectTypeOf(data).toEqualTypeOf<GosendComponents['schemas']['Project']>()
  else expectTypeOf(error.message).toEqualTypeOf<string>()
})

test('the status in an error body tells which error it is', async () => {
  const { error } = await gosend.GET('/me')
  expectTypeOf(error?.statusCode).toEqualTypeOf<401 | 403 | 429 | 503 | undefined>()
  if (error?.statusCode === 429) expectTypeOf(error.retry_after_seconds).toEqualTypeOf<number>()
  if (error?.statusCode === 401) expectTypeOf(error.retry_after_seconds).toEqualTypeOf<number | undefined>()
})

test('a path that the contract does not have does not compile', () => {
  // @ts-expect-error
  gosend.GET('/you')
  // @ts-expect-error
  gosend.POST('/me')
})
