import weaviate from 'weaviate-ts-client'
import { equal, program, rejects, truthy } from '../harness.mjs'

const idOf = (number) => `36ddd591-2dee-4e7e-a3cc-eb86d30a430${number}`

await program(async ({ url, step }) => {
  const client = weaviate.client({ scheme: 'http', host: new URL(url).host })
  await classSteps(step, client)
  await objectSteps(step, client)
  await severalObjectsSteps(step, client)
  await furtherSteps(step, client)
})

async function classSteps(step, { schema }) {
  const read = () => schema.classGetter().withClassName('Article').do()
  await step('create', 'a class comes back as it was sent', async () => {
    const made = await schema
      .classCreator()
      .withClass({
        class: 'Article',
        description: 'News',
        vectorizer: 'none',
        properties: [
          { name: 'title', dataType: ['text'] },
          { name: 'words', dataType: ['int'] },
        ],
      })
      .do()
    equal(
      [made.class, made.description, made.vectorizer, made.properties.map(({ name }) => name)],
      ['Article', 'News', 'none', ['title', 'words']],
    )
  })
  await step('read', 'a class is found by its name, and another is not', async () => {
    const found = await read()
    equal([found.class, found.properties.length], ['Article', 2])
    equal([await schema.exists('Article'), await schema.exists('Never')], [true, false])
  })
  await step('list', 'the class is in the schema', async () => {
    const { classes } = await schema.getter().do()
    truthy(classes.some((one) => one.class === 'Article'))
  })
  await step('update', 'a property is added to a class', async () => {
    const property = { name: 'author', dataType: ['text'] }
    await schema.propertyCreator().withClassName('Article').withProperty(property).do()
    equal(
      (await read()).properties.map(({ name }) => name),
      ['title', 'words', 'author'],
    )
  })
}

async function objectSteps(step, { data }) {
  const first = (builder) => builder.withClassName('Article').withId(idOf(1))
  const read = () => first(data.getterById()).do()
  await step('create', 'an object comes back as it was sent', async () => {
    const properties = { title: 'One', words: 10 }
    const made = await first(data.creator()).withProperties(properties).withVector([0.1, 0.2]).do()
    equal([made.id, made.class, made.properties, made.vector], [idOf(1), 'Article', properties, [0.1, 0.2]])
  })
  await step('read', 'an object is found by its class and id', async () => {
    const { id, properties } = await read()
    equal([id, properties], [idOf(1), { title: 'One', words: 10 }])
  })
  await step('list', 'objects are listed by their class', async () => {
    await data.creator().withClassName('Other').withId(idOf(2)).withProperties({ a: 1 }).do()
    const { objects } = await data.getter().withClassName('Article').withLimit(10).do()
    equal(
      objects.map(({ id }) => id),
      [idOf(1)],
    )
  })
  await step('update', 'a merged object keeps the rest', async () => {
    await first(data.merger()).withProperties({ title: 'Uno' }).do()
    equal((await read()).properties, { title: 'Uno', words: 10 })
  })
  await step('update', 'a replaced object has only what was sent', async () => {
    const replaced = await first(data.updater()).withProperties({ title: 'New' }).do()
    equal(replaced.properties, { title: 'New' })
    equal((await read()).properties, { title: 'New' })
  })
}

async function severalObjectsSteps(step, { batch, data }) {
  const one = (builder, number) => builder.withClassName('Article').withId(idOf(number))
  await step('create', 'a batch of objects is read one by one', async () => {
    const objects = [3, 4, 5].map((number) => ({
      class: 'Article',
      id: idOf(number),
      properties: { title: `T${number}` },
    }))
    const made = await batch
      .objectsBatcher()
      .withObjects(...objects)
      .do()
    equal(
      made.map(({ id, properties }) => [id, properties.title]),
      [3, 4, 5].map((number) => [idOf(number), `T${number}`]),
    )
    equal((await one(data.getterById(), 4).do()).properties, { title: 'T4' })
  })
  await step('page', 'the pages after an object show each object once and end', async () => {
    const seen = []
    for (let pages = 0; pages < 20; pages++) {
      const page = data.getter().withClassName('Article').withLimit(2)
      const { objects } = await (seen.length > 0 ? page.withAfter(seen.at(-1)) : page).do()
      if (objects.length === 0) break
      seen.push(...objects.map(({ id }) => id))
    }
    equal([...seen].sort(), [1, 3, 4, 5].map(idOf))
  })
  await step('more', 'an object is checked for', async () => {
    equal(await one(data.checker(), 3).do(), true)
    equal(await one(data.checker(), 9).do(), false)
  })
  await step('delete', 'an object is deleted', () => one(data.deleter(), 3).do())
  await step('gone', 'the object is then unknown', () =>
    rejects(
      () => one(data.getterById(), 3).do(),
      (error) => truthy(/404|not found/i.test(error.message), error.message),
    ),
  )
}

async function furtherSteps(step, { backup, misc, schema }) {
  await step('more', 'tenants are made, listed and removed', async () => {
    const namesOf = (tenants) => tenants.map(({ name }) => name).sort()
    await schema
      .classCreator()
      .withClass({ class: 'Multi', multiTenancyConfig: { enabled: true } })
      .do()
    equal(namesOf(await schema.tenantsCreator('Multi', [{ name: 'a' }, { name: 'b' }]).do()), ['a', 'b'])
    equal(namesOf(await schema.tenantsGetter('Multi').do()), ['a', 'b'])
    await schema.tenantsDeleter('Multi', ['a']).do()
    equal(namesOf(await schema.tenantsGetter('Multi').do()), ['b'])
  })
  await step('more', 'a backup is made and its status read', async () => {
    const named = (builder) => builder.withBackend('filesystem').withBackupId('backup-1')
    equal((await named(backup.creator().withIncludeClassNames('Article')).do()).id, 'backup-1')
    equal((await named(backup.createStatusGetter()).do()).id, 'backup-1')
  })
  await step('more', 'the API is ready and says which version it has', async () => {
    equal(await misc.readyChecker().do(), true)
    truthy((await misc.metaGetter().do()).version)
  })
  await step('delete', 'a deleted class is unknown', async () => {
    await schema.classDeleter().withClassName('Article').do()
    await rejects(
      () => schema.classGetter().withClassName('Article').do(),
      (error) => truthy(error.message.includes('404'), error.message),
    )
  })
  await step('invalid', 'a class whose name is a number is refused', () =>
    rejects(
      () => schema.classCreator().withClass({ class: 5 }).do(),
      (error) => truthy(/4(00|22)/.test(error.message), error.message),
    ),
  )
}
