// Every operation of the document with what one project has in one environment, asked for with every other kind of key:
// nothing of it is shown, and nothing of it changes.

import { describe, expect, it } from 'vitest'
import { type Reply, send } from '../harness.js'
import { type Gosend, gosend } from './gosend.js'
import { calls, lineOf, operations, upload, type World } from './operations.js'

interface Place {
  readonly name: string
  readonly project: 'first' | 'second'
  readonly environment: 'sandbox' | 'production'
}

const PLACES: readonly Place[] = (['first', 'second'] as const).flatMap((project) =>
  (['sandbox', 'production'] as const).map((environment) => ({
    name: `${environment} of the ${project} project`,
    project,
    environment,
  })),
)

let second: string | undefined

/** A second project besides the first; projects and keys outlive a reset. */
async function secondProject({ mock }: Gosend): Promise<string> {
  second ??= (await send(mock, 'POST /admin/projects', { name: 'Second' }, { 'x-admin-key': mock.adminKey }))
    .json.id
  return String(second)
}

interface Held extends World {
  readonly key: string
}

// They are the same after a reset.
const held = new Map<string, Held>()

/** Mark and person are found in whatever the world makes. */
async function worldOf(api: Gosend, place: Place): Promise<Held> {
  const known = held.get(place.name)
  if (known !== undefined) return known
  const { environment } = place
  const projectId = place.project === 'first' ? '42' : await secondProject(api)
  const { key } = await api.mock.apiKeys.issue({ projectId, environment, label: place.name })
  const ask: World['send'] = (line, body) =>
    send(api.mock, line.replace(' /', ' /v1/'), body, { 'x-api-key': key })
  const { json: wabas } = await ask('GET /wabas')
  const wabaId = String(wabas[0].id)
  const { json: numbers } = await ask(`GET /wabas/${wabaId}/phone-numbers`)
  const number = String(numbers[0].phone_number_id)
  const person = `549115000000${PLACES.indexOf(place)}`
  const mark = `mark_${place.project}_${environment}`
  const query = new URLSearchParams({ project: projectId, environment })
  const world: Held = {
    key,
    send: ask,
    hear: () => api.control(`POST /inbound?${query}`, { from: person, text: mark, phone_number_id: number }),
    ...{ projectId, wabaId, number, person, mark },
    customerId: String(wabas[0].customer_id),
    numberId: String(numbers[0].id),
  }
  held.set(place.name, world)
  return world
}

/** All that can be seen with a key. */
async function viewOf({ send: ask, wabaId }: World): Promise<unknown> {
  const lists = ['/messages', '/conversations', '/webhooks', '/wabas', '/me']
  const nested = ['templates', 'phone-numbers'].map((name) => `/wabas/${wabaId}/${name}`)
  return Promise.all([...lists, ...nested].map(async (path) => (await ask(`GET ${path}`)).json))
}

/** Another body of the same form, with nothing of its maker's but the ids. */
const anonymous = (body: unknown, { mark, person }: World): unknown =>
  body === undefined || body instanceof FormData
    ? body
    : JSON.parse(JSON.stringify(body).replaceAll(mark, 'other').replaceAll(person, '5491150009999'))

/** What every project's sandbox has under the same ids: Meta's test number and its account. */
const isShared = (owner: Place, asker: Place): boolean =>
  owner.environment === 'sandbox' && asker.environment === 'sandbox'

const matrix = operations.flatMap((operation) =>
  PLACES.map((owner) => ({ title: `${operation.id} of the ${owner.name}`, operation, owner })),
)

describe('no other kind of key sees or changes anything by', () => {
  it.each(matrix)('$title', async ({ operation, owner }) => {
    const api = await gosend()
    const has = await worldOf(api, owner)
    // So that something of the owner's is there, whatever the operation is about.
    await has.hear()
    const call = await calls[operation.id]?.(has)
    if (call === undefined) throw new Error('The operation is not known')
    const before = await viewOf(has)
    expect(JSON.stringify(before)).toContain(has.mark)
    for (const asker of PLACES.filter((place) => place !== owner)) {
      const wants = await worldOf(api, asker)
      const credential = operation.needsAdmin ? 'x-admin-key' : 'x-api-key'
      const reply = await send(api.mock, lineOf(operation, call.ids), anonymous(call.body, has), {
        [credential]: wants.key,
      })
      expect(reply.text).not.toMatch(new RegExp(`${has.mark}|${has.person}`))
      const [id] = call.ids
      const isOwn = id === undefined || (isShared(owner, asker) && id === wants.wabaId)
      if (operation.needsAdmin) expect(reply.status).toBe(401)
      else if (!isOwn) expect([403, 404]).toContain(reply.status)
    }
    expect(await viewOf(has)).toEqual(before)
  })
})

describe('what is named in a body or a query', () => {
  const [, live, , other] = PLACES

  async function both() {
    const api = await gosend()
    if (live === undefined || other === undefined) throw new Error('There are four places')
    const has = await worldOf(api, live)
    const wants = await worldOf(api, other)
    await has.hear()
    await wants.hear()
    return { has, wants }
  }

  const coded = ({ status, json }: Reply) => [status, json.code]
  const message = ({ person, number }: World, rest: object) => ({
    phone_number_id: number,
    to: person,
    ...rest,
  })

  it('is refused when it is another project’s number, and told from one that nobody has', async () => {
    const { has, wants } = await both()
    const text = message(wants, { type: 'text', text: { body: 'Hello' } })
    expect((await wants.send('POST /messages', text)).status).toBe(201)
    const foreign = { ...text, phone_number_id: has.number }
    expect(coded(await wants.send('POST /messages', foreign))).toEqual([403, 'PHONE_NUMBER_NOT_IN_TENANT'])
    expect(coded(await wants.send('POST /media', upload(has.number)))).toEqual([
      403,
      'PHONE_NUMBER_NOT_IN_TENANT',
    ])
    const unknown = { ...text, phone_number_id: '555000009999' }
    expect(coded(await wants.send('POST /messages', unknown))).toEqual([400, 'INVALID_PHONE_NUMBER_ID'])
    expect(coded(await wants.send(`GET /wabas/${has.wabaId}`))).toEqual([403, 'WABA_NOT_IN_TENANT'])
  })

  it('is not there when it is another project’s file, message or conversation', async () => {
    const { has, wants } = await both()
    const { json: file } = await has.send('POST /media', upload(has.number))
    const image = (world: World) => message(world, { type: 'image', image: { id: file.id } })
    expect((await has.send('POST /messages', image(has))).status).toBe(201)
    expect((await wants.send('POST /messages', image(wants))).status).toBe(422)
    const { json: sent } = await has.send('GET /messages?direction=outbound')
    expect((await wants.send(`GET /messages/${sent[0].wamid}`)).status).toBe(404)
    const { json: found } = await wants.send(`GET /messages?phone_number_id=${has.number}`)
    expect(found).toEqual([])
  })

  it('may be the same Idempotency-Key', async () => {
    const { has, wants } = await both()
    const texts = await Promise.all(
      [has, wants].map((world) =>
        world.send('POST /messages', message(world, { type: 'text', text: { body: world.mark } })),
      ),
    )
    expect(texts.map(({ status }) => status)).toEqual([201, 201])
  })
})
