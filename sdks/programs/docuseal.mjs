import { DocusealApi } from '@docuseal/api'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const html = '<p><text-field name="City" role="First"></text-field></p>'
const idsOf = ({ data }) => data.map(({ id }) => id)
const fails = (work, status) =>
  rejects(work, (error) => {
    equal(error.name, 'DocusealApiError')
    truthy(error.message.includes(status), error.message)
  })

await program(async ({ url, step }) => {
  const connect = (key) => new DocusealApi({ key, url })
  const docuseal = connect('right')
  const template = await templateSteps(step, docuseal)
  await copySteps(step, docuseal, template)
  await submissionSteps(step, docuseal, template)
  await step('invalid', 'a template without a text is refused', () =>
    fails(() => docuseal.createTemplateFromHtml({ name: 'Empty' }), 400),
  )
  await step('key', 'a wrong key is refused', () => fails(() => connect('wrong').listTemplates({}), 401))
})

async function templateSteps(step, docuseal) {
  let template
  await step('create', 'a template comes back as it was sent', async () => {
    const sent = { name: 'Contract', external_id: 'ext-1', folder_name: 'Legal', shared_link: false }
    template = await docuseal.createTemplateFromHtml({ html, ...sent })
    const { name, external_id, folder_name, shared_link, archived_at } = template
    equal([{ name, external_id, folder_name, shared_link }, archived_at], [sent, null])
  })
  await step('read', 'the template is found by its id', async () => {
    const { name, slug } = await docuseal.getTemplate(template.id)
    equal([name, slug], ['Contract', template.slug])
  })
  await step('file', 'a template is made of a document', async () => {
    const file = Buffer.from('%PDF-1.4').toString('base64')
    const documents = [{ name: 'form', file }]
    const { id, name } = await docuseal.createTemplateFromPdf({ name: 'Form', folder_name: 'HR', documents })
    equal(name, 'Form')
    equal(idsOf(await docuseal.listTemplates({ folder: 'HR' })), [id])
  })
  await step('list', 'templates are found by their external id and by a word', async () => {
    equal(idsOf(await docuseal.listTemplates({ external_id: 'ext-1' })), [template.id])
    equal(idsOf(await docuseal.listTemplates({ q: 'ontr' })), [template.id])
  })
  await step('page', 'the pages show each template once and end', async () => {
    const made = await several(
      4,
      async (i) => (await docuseal.createTemplateFromHtml({ html, name: `no ${i}` })).id,
    )
    const seen = []
    let after
    for (let page = 1; page < 20; page++) {
      const list = await docuseal.listTemplates({ limit: 2, ...(after && { after }) })
      seen.push(...idsOf(list))
      after = list.pagination.next
      if (!after || list.data.length === 0) break
    }
    equal(new Set(seen).size, seen.length)
    equal(
      [template.id, ...made].filter((id) => !seen.includes(id)),
      [],
    )
  })
  return template
}

async function copySteps(step, docuseal, template) {
  await step('more', 'a copy of a template is changed alone', async () => {
    const { id } = await docuseal.cloneTemplate(template.id, { name: 'Copy' })
    await docuseal.updateTemplate(id, { name: 'Copy 2' })
    const { name, folder_name } = await docuseal.getTemplate(id)
    equal([name, folder_name], ['Copy 2', 'Legal'])
    equal((await docuseal.getTemplate(template.id)).name, 'Contract')
  })
  await step('more', 'merged templates are a new template', async () => {
    const other = await docuseal.createTemplateFromHtml({ html, name: 'Other' })
    const sources = [template.id, other.id]
    const merged = await docuseal.mergeTemplates({ template_ids: sources, name: 'Merged' })
    truthy(!sources.includes(merged.id), 'the merged template is one of those it is made of')
  })
  await step('delete', 'an archived template is listed apart until it is restored', async () => {
    const { id } = await docuseal.createTemplateFromHtml({ html, name: 'Old' })
    truthy((await docuseal.archiveTemplate(id)).archived_at)
    truthy(!idsOf(await docuseal.listTemplates({ limit: 100 })).includes(id))
    equal(idsOf(await docuseal.listTemplates({ archived: true })), [id])
    await docuseal.updateTemplate(id, { archived: false })
    truthy(idsOf(await docuseal.listTemplates({ limit: 100 })).includes(id))
  })
  await step('gone', 'a template that was never made is unknown', () =>
    fails(() => docuseal.getTemplate(987654321), 404),
  )
}

async function submissionSteps(step, docuseal, template) {
  await step('create', 'a submission of addresses is sent to each', async () => {
    const submitters = await docuseal.createSubmissionFromEmails({
      template_id: template.id,
      emails: 'a@example.org, b@example.org',
    })
    equal(submitters.map(({ email }) => email).sort(), ['a@example.org', 'b@example.org'])
    const submission = await docuseal.getSubmission(submitters[0].submission_id)
    equal([submission.status, submission.template.id], ['pending', template.id])
  })
  let offer
  await step('create', 'a submission is pending and has its submitters', async () => {
    offer = await docuseal.createSubmissionFromHtml({
      name: 'Offer',
      order: 'random',
      documents: [{ name: 'offer', html }],
      submitters: [
        { role: 'First', email: 'cy@example.org', name: 'Cy' },
        { role: 'Second', email: 'di@example.org' },
      ],
    })
    const { name, status, submitters_order, submitters } = await docuseal.getSubmission(offer.id)
    equal([name, status, submitters_order], ['Offer', 'pending', 'random'])
    equal(
      submitters.map(({ role, email }) => [role, email]),
      [
        ['First', 'cy@example.org'],
        ['Second', 'di@example.org'],
      ],
    )
  })
  await step('list', 'submitters are found by their submission', async () => {
    const { data } = await docuseal.listSubmitters({ submission_id: offer.id })
    equal(data.map(({ email }) => email).sort(), ['cy@example.org', 'di@example.org'])
    equal((await docuseal.getSubmitter(offer.submitters[0].id)).submission_id, offer.id)
  })
  await step('update', 'a changed submitter is changed in the submission', async () => {
    const [{ id }] = offer.submitters
    const { name, email } = await docuseal.updateSubmitter(id, { name: 'Cyril' })
    equal([name, email], ['Cyril', 'cy@example.org'])
    equal((await docuseal.getSubmission(offer.id)).submitters[0].name, 'Cyril')
    const { status, completed_at } = await docuseal.updateSubmitter(id, { completed: true })
    equal(status, 'completed')
    truthy(completed_at)
  })
  await step('delete', 'an archived submission is listed apart', async () => {
    truthy((await docuseal.archiveSubmission(offer.id)).archived_at)
    truthy(!idsOf(await docuseal.listSubmissions({ archived: false })).includes(offer.id))
    const { data } = await docuseal.listSubmissions({ archived: true })
    truthy(data.some(({ id }) => id === offer.id) && data.every((one) => one.archived_at))
  })
}
