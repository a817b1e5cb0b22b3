import { Resend } from 'resend'
import { equal, program, several, truthy } from '../harness.mjs'

/** The data of an answer, which this SDK gives beside an error that it does not throw. */
const dataOf = ({ data, error }) => {
  if (error) throw new Error(JSON.stringify(error))
  return data
}
const errorOf = ({ data, error }) => {
  if (!error) throw new Error(`no error, but ${JSON.stringify(data)}`)
  return error
}

await program(async ({ url, step }) => {
  const connect = (key) => new Resend(key, { baseUrl: url })
  const resend = connect('re_right')
  const mail = { from: 'shop@example.org', to: ['ann@example.org'], subject: 'Hello', html: '<b>Hi</b>' }
  let email
  let domain

  await step('create', 'an email gets an id', async () => {
    email = dataOf(await resend.emails.send(mail))
    truthy(email.id)
  })
  await step('read', 'the email is found with what was sent', async () => {
    const { id, subject, to } = dataOf(await resend.emails.get(email.id))
    equal([id, subject, to], [email.id, 'Hello', ['ann@example.org']])
  })
  await step('list', 'the email is in the list', async () => {
    truthy(dataOf(await resend.emails.list()).data.some(({ id }) => id === email.id))
  })
  await step('create', 'a domain has its name', async () => {
    domain = dataOf(await resend.domains.create({ name: 'mail.example.org' }))
    equal(domain.name, 'mail.example.org')
  })
  await step('read', 'the domain is found by its id', async () => {
    equal(dataOf(await resend.domains.get(domain.id)).name, 'mail.example.org')
  })
  await step('update', 'the domain is updated', async () => {
    equal(dataOf(await resend.domains.update({ id: domain.id, openTracking: true })).id, domain.id)
  })
  await step('page', 'cursors lead to every contact once', async () => {
    const ids = await several(
      7,
      async (i) => dataOf(await resend.contacts.create({ email: `c${i}@example.org` })).id,
    )
    const found = []
    for (let page = { has_more: true }; page.has_more; ) {
      page = dataOf(
        await resend.contacts.list({ limit: 3, ...(found.length > 0 && { after: found.at(-1) }) }),
      )
      found.push(...page.data.map(({ id }) => id))
      truthy(found.length < 100, 'the list does not end')
    }
    equal(
      ids.filter((id) => !found.includes(id)),
      [],
    )
    equal(new Set(found).size, found.length)
  })
  await step('more', 'a batch makes an email of each', async () => {
    const { data } = dataOf(await resend.batch.send([mail, { ...mail, subject: 'Second' }]))
    equal(dataOf(await resend.emails.get(data[1].id)).subject, 'Second')
  })
  await step('more', 'an idempotency key makes one email of two calls', async () => {
    const send = async () => dataOf(await resend.emails.send(mail, { idempotencyKey: 'mail-1' })).id
    equal(await send(), await send())
  })
  await step('delete', 'the domain is deleted', async () => {
    equal(dataOf(await resend.domains.remove(domain.id)).deleted, true)
  })
  await step('gone', 'the domain is then unknown, by the name of the error', async () => {
    const { statusCode, name } = errorOf(await resend.domains.get(domain.id))
    equal([statusCode, name], [404, 'not_found'])
  })
  await step('invalid', 'a missing member is named', async () => {
    const { message } = errorOf(await resend.emails.send({ from: mail.from, to: mail.to, html: 'x' }))
    truthy(/subject/.test(message), message)
  })
  await step('key', 'a wrong key is refused', async () => {
    equal(errorOf(await connect('re_wrong').domains.list()).statusCode, 401)
  })
})
