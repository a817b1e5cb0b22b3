import {
  ApiKeySession,
  CatalogsApi,
  CouponsApi,
  EventsApi,
  ListsApi,
  ProfilesApi,
  TagsApi,
} from 'klaviyo-api'
import { drain, equal, program, rejects, several, truthy } from '../harness.mjs'

const idsOf = ({ body }) => body.data.map(({ id }) => id)
const refused = (work, ...statuses) =>
  rejects(work, ({ response, message }) => {
    truthy(statuses.includes(response?.status), `${response?.status}: ${message}`)
    truthy(response.data.errors?.[0]?.detail, JSON.stringify(response.data))
  })

await program(async ({ url, step }) => {
  const connect = (Api, key = 'right') => Object.assign(new Api(new ApiKeySession(key)), { basePath: url })
  const profile = await profileSteps(step, connect(ProfilesApi))
  const list = await listSteps(step, connect, profile)
  await couponSteps(step, connect)
  const lists = connect(ListsApi)
  await step('delete', 'a list is deleted', () => lists.deleteList(list))
  await step('gone', 'the list is then unknown', () => refused(() => lists.getList(list), 404))
  await step('invalid', 'a list without a name is refused', () =>
    refused(() => lists.createList({ data: { type: 'list', attributes: {} } }), 400),
  )
  await step('key', 'a wrong key is refused', () =>
    refused(() => connect(ListsApi, 'wrong').getLists(), 401, 403),
  )
})

async function profileSteps(step, profiles) {
  const create = async (attributes) =>
    (await profiles.createProfile({ data: { type: 'profile', attributes } })).body.data
  const read = async (...from) => (await profiles.getProfile(...from)).body.data
  let id
  await step('create', 'a profile comes back as it was sent', async () => {
    const made = await create({
      email: 'ann@example.org',
      firstName: 'Ann',
      externalId: 'ann-1',
      location: { city: 'Boston' },
      properties: { pet: 'cat' },
    })
    id = made.id
    const { email, firstName, externalId, location, properties } = made.attributes
    equal([email, firstName, externalId], ['ann@example.org', 'Ann', 'ann-1'])
    equal([location.city, properties.pet], ['Boston', 'cat'])
  })
  await step('read', 'the profile is found by its id', async () => {
    const profile = await read(id)
    equal([profile.id, profile.attributes.email], [id, 'ann@example.org'])
  })
  await step('read', 'the profile is read with the fields that were chosen', async () => {
    const { email, firstName } = (await read(id, { fieldsProfile: ['email'] })).attributes
    equal([email, firstName], ['ann@example.org', undefined])
  })
  await step('list', 'profiles are found by their email', async () => {
    await create({ email: 'bob@example.org', firstName: 'Bob' })
    equal(idsOf(await profiles.getProfiles({ filter: 'equals(email,"ann@example.org")' })), [id])
  })
  await step('page', 'the cursors lead to every profile once', async () => {
    const ids = await several(5, async (i) => (await create({ email: `p${i}@example.org` })).id)
    async function* items() {
      let pageCursor
      do {
        const { body } = await profiles.getProfiles({ pageSize: 2, pageCursor })
        yield* body.data
        pageCursor = body.links?.next && new URL(body.links.next).searchParams.get('page[cursor]')
      } while (pageCursor)
    }
    await drain(items(), (profile) => profile.id, ids)
  })
  await step('update', 'an update keeps what it does not name', async () => {
    await profiles.updateProfile(id, { data: { type: 'profile', id, attributes: { lastName: 'Lee' } } })
    const { firstName, lastName, email } = (await read(id)).attributes
    equal([firstName, lastName, email], ['Ann', 'Lee', 'ann@example.org'])
  })
  return id
}

async function listSteps(step, connect, profile) {
  const lists = connect(ListsApi)
  const tags = connect(TagsApi)
  let list
  await step('create', 'a list is found by its name', async () => {
    list = (await lists.createList({ data: { type: 'list', attributes: { name: 'Weekly news' } } })).body.data
      .id
    equal(idsOf(await lists.getLists({ filter: 'equals(name,"Weekly news")' })), [list])
  })
  await step('more', 'a profile is in the list until it is removed', async () => {
    const data = [{ type: 'profile', id: profile }]
    await lists.addProfilesToList(list, { data })
    equal(idsOf(await lists.getProfilesForList(list)), [profile])
    equal(idsOf(await connect(ProfilesApi).getListsForProfile(profile)), [list])
    await lists.removeProfilesFromList(list, { data })
    equal(idsOf(await lists.getProfilesForList(list)), [])
  })
  let group
  let tag
  await step('create', 'a tag is in its group', async () => {
    const data = { type: 'tag-group', attributes: { name: 'Group', exclusive: false } }
    group = (await tags.createTagGroup({ data })).body.data.id
    const relationships = { tagGroup: { data: { type: 'tag-group', id: group } } }
    const sent = { type: 'tag', attributes: { name: 'VIP' }, relationships }
    tag = (await tags.createTag({ data: sent })).body.data.id
    equal((await tags.getTagGroupForTag(tag)).body.data.id, group)
    equal(idsOf(await tags.getTagsForTagGroup(group)), [tag])
  })
  await step('read', 'a tag includes its group', async () => {
    const { included } = (await tags.getTag(tag, { include: ['tag-group'] })).body
    equal(
      included.map(({ type, id }) => [type, id]),
      [['tag-group', group]],
    )
  })
  return list
}

async function couponSteps(step, connect) {
  const coupons = connect(CouponsApi)
  let coupon
  let code
  await step('create', 'a code is one of its coupon', async () => {
    const attributes = { externalId: '10OFF', description: '10 %' }
    coupon = (await coupons.createCoupon({ data: { type: 'coupon', attributes } })).body.data.id
    const relationships = { coupon: { data: { type: 'coupon', id: coupon } } }
    const data = { type: 'coupon-code', attributes: { uniqueCode: 'ABC-1' }, relationships }
    code = (await coupons.createCouponCode({ data })).body.data.id
    equal((await coupons.getCouponForCouponCode(code)).body.data.id, coupon)
    equal(idsOf(await coupons.getCouponCodesForCoupon(coupon)), [code])
  })
  await step('list', 'codes are found by their coupon', async () => {
    equal(idsOf(await coupons.getCouponCodes(`equals(coupon.id,"${coupon}")`)), [code])
  })
  await step('more', 'an item of the catalog is in its category', async () => {
    const catalogs = connect(CatalogsApi)
    const kind = { integrationType: '$custom', catalogType: '$default' }
    const category = { type: 'catalog-category', attributes: { externalId: 'c1', name: 'Shoes', ...kind } }
    const { id } = (await catalogs.createCatalogCategory({ data: category })).body.data
    const url = 'https://example.org/boot'
    const attributes = { externalId: 'i1', title: 'Boot', description: 'B', url, price: 42, ...kind }
    const relationships = { categories: { data: [{ type: 'catalog-category', id }] } }
    const data = { type: 'catalog-item', attributes, relationships }
    const item = (await catalogs.createCatalogItem({ data })).body.data
    equal([item.attributes.title, item.attributes.price], ['Boot', 42])
    equal(idsOf(await catalogs.getCategoriesForCatalogItem(item.id)), [id])
    equal(idsOf(await catalogs.getItemsForCatalogCategory(id)), [item.id])
  })
  await step('create', 'an event is in the list with its properties', async () => {
    const events = connect(EventsApi)
    const attributes = {
      properties: { action: 'reset' },
      metric: { data: { type: 'metric', attributes: { name: 'Reset Password' } } },
      profile: { data: { type: 'profile', attributes: { email: 'ann@example.org' } } },
    }
    await events.createEvent({ data: { type: 'event', attributes } })
    const { data } = (await events.getEvents()).body
    truthy(
      data.some((event) => event.attributes.eventProperties?.action === 'reset'),
      JSON.stringify(data.map((event) => event.attributes.eventProperties)),
    )
  })
}
