import sign from '@dropbox/sign'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const bodyOf = async (answer) => (await answer).body
const fileUrls = ['https://example.org/a.pdf']
const pdf = () => ({
  value: Buffer.from('%PDF-1.4'),
  options: { filename: 'a.pdf', contentType: 'application/pdf' },
})
const fails = (work, status) => rejects(work, (error) => equal(error.statusCode, status))

await program(async ({ url, step }) => {
  const connect = (Api, username = 'right') => Object.assign(new Api(), { username, basePath: `${url}/v3` })
  await appSteps(step, connect(sign.ApiAppApi))
  const requests = connect(sign.SignatureRequestApi)
  await requestSteps(step, requests)
  await templateSteps(step, requests, connect(sign.TemplateApi), connect(sign.BulkSendJobApi))
  await teamSteps(step, connect(sign.TeamApi))
  await faxSteps(step, connect(sign.FaxApi), connect(sign.FaxLineApi))
  await step('more', 'a report has the days that were sent', async () => {
    const sent = { startDate: '09/01/2026', endDate: '10/01/2026', reportType: ['user_activity'] }
    const { report } = await bodyOf(connect(sign.ReportApi).reportCreate(sent))
    const { startDate, endDate, reportType } = report
    equal({ startDate, endDate, reportType }, sent)
  })
  await step('invalid', 'a signer without an address is refused', () =>
    fails(
      () => requests.signatureRequestSend({ signers: [{ emailAddress: 'none', name: 'Ann' }], fileUrls }),
      400,
    ),
  )
  await step('key', 'a wrong key is refused', () =>
    fails(() => connect(sign.TeamApi, 'wrong').teamGet(), 401),
  )
})

async function appSteps(step, apps) {
  const make = async (sent) => (await bodyOf(apps.apiAppCreate(sent))).apiApp
  let app
  await step('create', 'an app comes back as it was sent', async () => {
    const sent = { name: 'Ours', domains: ['example.org'], callbackUrl: 'https://example.org/back' }
    app = await make({ ...sent, options: { canInsertEverywhere: true } })
    const { name, domains, callbackUrl, options } = app
    equal([{ name, domains, callbackUrl }, options.canInsertEverywhere], [sent, true])
  })
  await step('page', 'the pages show each app once and end', async () => {
    const made = await several(
      4,
      async (i) => (await make({ name: `app ${i}`, domains: ['b.org'] })).clientId,
    )
    const seen = []
    for (let page = 1; page < 20; page++) {
      const { apiApps, listInfo } = await bodyOf(apps.apiAppList(page, 2))
      equal([listInfo.page, listInfo.pageSize], [page, 2])
      seen.push(...apiApps.map(({ clientId }) => clientId))
      if (page >= listInfo.numPages) break
    }
    equal(new Set(seen).size, seen.length)
    equal(
      [app.clientId, ...made].filter((id) => !seen.includes(id)),
      [],
    )
  })
  await step('delete', 'a deleted app is unknown', async () => {
    await apps.apiAppDelete(app.clientId)
    await fails(() => apps.apiAppGet(app.clientId), 404)
  })
}

async function requestSteps(step, requests) {
  const make = async (sent) =>
    (await bodyOf(requests.signatureRequestSend({ testMode: true, ...sent }))).signatureRequest
  const signers = [
    { emailAddress: 'jack@example.org', name: 'Jack', order: 0 },
    { emailAddress: 'jill@example.org', name: 'Jill', order: 1 },
  ]
  let request
  await step('create', 'a request has a signature for each signer', async () => {
    request = await make({ title: 'Lease', subject: 'Sign it', signers, fileUrls, metadata: { k: 'v' } })
    const { title, subject, metadata, isComplete, isDeclined } = request
    equal([title, subject, metadata, isComplete, isDeclined], ['Lease', 'Sign it', { k: 'v' }, false, false])
    equal(
      request.signatures.map((one) => [one.signerEmailAddress, one.signerName, one.order]),
      signers.map(({ emailAddress, name, order }) => [emailAddress, name, order]),
    )
  })
  await step('read', 'the request is found by its id, with its signatures', async () => {
    const read = (await bodyOf(requests.signatureRequestGet(request.signatureRequestId))).signatureRequest
    const idsOf = ({ signatures }) => signatures.map(({ signatureId }) => signatureId)
    equal([read.title, idsOf(read)], ['Lease', idsOf(request)])
  })
  await step('file', 'a request is made with a document, and its files are bytes', async () => {
    const { signatureRequestId, title } = await make({
      title: 'Upload',
      signers: [{ emailAddress: 'ann@example.org', name: 'Ann' }],
      files: [pdf()],
    })
    equal(title, 'Upload')
    truthy((await bodyOf(requests.signatureRequestFiles(signatureRequestId, 'pdf'))).length > 0)
    equal((await requests.signatureRequestCancel(signatureRequestId)).response.status, 200)
  })
  await step('list', 'requests are found by a word', async () => {
    const { signatureRequests } = await bodyOf(requests.signatureRequestList(undefined, 1, 100, 'Lease'))
    equal(
      signatureRequests.map(({ signatureRequestId }) => signatureRequestId),
      [request.signatureRequestId],
    )
  })
  await step('update', 'a signer gets another address', async () => {
    const [{ signatureId }] = request.signatures
    const { signatureRequest } = await bodyOf(
      requests.signatureRequestUpdate(request.signatureRequestId, {
        signatureId,
        emailAddress: 'joe@example.org',
        name: 'Joe',
      }),
    )
    equal(
      signatureRequest.signatures.map((one) => one.signerEmailAddress),
      ['joe@example.org', 'jill@example.org'],
    )
  })
  await step('gone', 'a request that was never made is unknown', () =>
    fails(() => requests.signatureRequestGet('0'.repeat(40)), 404),
  )
}

async function templateSteps(step, requests, templates, jobs) {
  let templateIds
  await step('more', 'a request is made of a template', async () => {
    const { template } = await bodyOf(
      templates.templateCreate({
        title: 'Contract',
        signerRoles: [{ name: 'Client', order: 0 }],
        fileUrls,
        formFieldsPerDocument: [
          {
            type: 'signature',
            documentIndex: 0,
            apiId: 'field-1',
            height: 10,
            width: 20,
            x: 1,
            y: 2,
            required: true,
            signer: '0',
          },
        ],
      }),
    )
    templateIds = [template.templateId]
    const read = (await bodyOf(templates.templateGet(template.templateId))).template
    equal([read.title, read.signerRoles[0].name], ['Contract', 'Client'])
    const { signatureRequest } = await bodyOf(
      requests.signatureRequestSendWithTemplate({
        templateIds,
        signers: [{ role: 'Client', name: 'Cy', emailAddress: 'cy@example.org' }],
      }),
    )
    const [{ signerEmailAddress, signerRole }] = signatureRequest.signatures
    equal(
      [signatureRequest.templateIds, signerEmailAddress, signerRole],
      [templateIds, 'cy@example.org', 'Client'],
    )
  })
  await step('more', 'a job for two signers counts two requests', async () => {
    const signers = ['a@example.org', 'b@example.org'].map((emailAddress) => ({
      signers: [{ role: 'Client', name: 'Al', emailAddress }],
    }))
    const { bulkSendJob } = await bodyOf(
      requests.signatureRequestBulkSendWithTemplate({ templateIds, signerList: signers }),
    )
    const read = (await bodyOf(jobs.bulkSendJobGet(bulkSendJob.bulkSendJobId))).bulkSendJob
    equal([read.bulkSendJobId, read.total], [bulkSendJob.bulkSendJobId, 2])
  })
}

async function teamSteps(step, teams) {
  await step('update', 'a team is made, renamed and ended', async () => {
    await teams.teamCreate({ name: 'Red' })
    equal((await bodyOf(teams.teamGet())).team.name, 'Red')
    await teams.teamUpdate({ name: 'Blue' })
    equal((await bodyOf(teams.teamGet())).team.name, 'Blue')
    await teams.teamDelete()
    await fails(() => teams.teamGet(), 404)
  })
  await step('more', 'who is invited to a team is shown with it', async () => {
    await teams.teamCreate({ name: 'Green' })
    await teams.teamAddMember({ emailAddress: 'george@example.org' })
    const { team } = await bodyOf(teams.teamGet())
    const invited = [...(team.invitedAccounts ?? []), ...(team.accounts ?? [])].map((one) => one.emailAddress)
    truthy([...invited, ...(team.invitedEmails ?? [])].includes('george@example.org'), 'nobody is invited')
  })
}

async function faxSteps(step, faxes, lines) {
  await step('more', 'a fax is sent to its recipient', async () => {
    const sent = { recipient: '16690000001', sender: '16690000000', title: 'News', files: [pdf()] }
    const { fax } = await bodyOf(faxes.faxSend(sent))
    equal([fax.title, fax.sender], ['News', '16690000000'])
    equal(
      fax.transmissions.map(({ recipient }) => recipient),
      ['16690000001'],
    )
  })
  await step('more', 'a fax line has the user that was added', async () => {
    const { number } = (await bodyOf(lines.faxLineCreate({ areaCode: 209, country: 'US' }))).faxLine
    equal((await bodyOf(lines.faxLineGet(number))).faxLine.number, number)
    await lines.faxLineAddUser({ number, emailAddress: 'ann@example.org' })
    const { accounts } = (await bodyOf(lines.faxLineGet(number))).faxLine
    truthy(accounts?.some(({ emailAddress }) => emailAddress === 'ann@example.org'))
  })
}
