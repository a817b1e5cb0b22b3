import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import adyen from '@adyen/api-library'
import { equal, program, rejects, truthy } from '../harness.mjs'

await program(async ({ url, key, step }) => {
  // The SDK knows the addresses of Adyen alone, so what is meant for them goes to the mock, and to the version it serves.
  const { hostname, port } = new URL(url)
  https.request = (options, done) =>
    http.request(
      {
        ...options,
        protocol: 'http:',
        hostname,
        port,
        agent: undefined,
        path: options.path.replace(/\/v\d+\//, '/v71/'),
      },
      done,
    )
  syncBuiltinESMExports()
  const connect = (apiKey) =>
    new adyen.CheckoutAPI(new adyen.Client(new adyen.Config({ apiKey, environment: 'TEST' })))
  const checkout = connect(key)
  const payment = { merchantAccount: 'Shop', amount: { currency: 'EUR', value: 1250 }, reference: 'order-1' }
  let link

  await step('create', 'a payment link comes back as it was sent', async () => {
    link = await checkout.PaymentLinksApi.paymentLinks({ ...payment, description: 'Tea' })
    equal([link.reference, link.amount.value, link.description], ['order-1', 1250, 'Tea'])
  })
  await step('read', 'the payment link is found by its id', async () => {
    const { id, reference } = await checkout.PaymentLinksApi.getPaymentLink(link.id)
    equal([id, reference], [link.id, 'order-1'])
  })
  await step('update', 'an expired link stays so', async () => {
    await checkout.PaymentLinksApi.updatePaymentLink(link.id, { status: 'expired' })
    equal((await checkout.PaymentLinksApi.getPaymentLink(link.id)).status, 'expired')
  })
  await step('more', 'a cancellation names the payment', async () => {
    const { paymentPspReference, reference } =
      await checkout.ModificationsApi.cancelAuthorisedPaymentByPspReference('PSP0001', {
        merchantAccount: 'Shop',
        reference: 'cancel-1',
      })
    equal([paymentPspReference, reference], ['PSP0001', 'cancel-1'])
  })
  await step('more', 'an idempotency key makes one link of two calls', async () => {
    const make = () => checkout.PaymentLinksApi.paymentLinks(payment, { idempotencyKey: 'link-1' })
    equal((await make()).id, (await make()).id)
  })
  await step('gone', 'a link that was never made is unknown', () =>
    rejects(
      () => checkout.PaymentLinksApi.getPaymentLink('PL0000'),
      (error) => equal(error.statusCode, 404),
    ),
  )
  await step('invalid', 'a missing member is named', () =>
    rejects(
      () => checkout.PaymentLinksApi.paymentLinks({ merchantAccount: 'Shop', reference: 'x' }),
      (error) => {
        truthy([400, 422].includes(error.statusCode), String(error.statusCode))
        truthy(/amount/.test(`${error.message} ${error.responseBody}`), error.message)
      },
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    rejects(
      () => connect('wrong').PaymentLinksApi.paymentLinks(payment),
      (error) => equal(error.statusCode, 401),
    ),
  )
})
