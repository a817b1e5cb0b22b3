import { Readable } from 'node:stream'
import { BoxClient, BoxDeveloperTokenAuth } from 'box-node-sdk'
import { BaseUrls, NetworkSession } from 'box-node-sdk/networking'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

await program(async ({ url, step }) => {
  const baseUrls = new BaseUrls({ baseUrl: url, uploadUrl: `${url}/api`, oauth2Url: `${url}/oauth2` })
  const connect = (token) =>
    new BoxClient({
      auth: new BoxDeveloperTokenAuth({ token }),
      networkSession: new NetworkSession({ baseUrls }),
    })
  const box = connect('right')
  const has = (status) => (error) => equal(error.responseInfo?.statusCode, status)
  let folder
  let file

  await step('create', 'a folder has its name and parent', async () => {
    folder = await box.folders.createFolder({ name: 'Invoices', parent: { id: '0' } })
    equal([folder.name, folder.parent?.id], ['Invoices', '0'])
  })
  await step('read', 'the folder is found by its id', async () => {
    equal((await box.folders.getFolderById(folder.id)).name, 'Invoices')
  })
  await step('update', 'a renamed folder keeps its parent', async () => {
    const { name, parent } = await box.folders.updateFolderById(folder.id, { requestBody: { name: 'Bills' } })
    equal([name, parent?.id], ['Bills', '0'])
  })
  await step('list', 'the folder is among the items of its parent', async () => {
    const { entries } = await box.folders.getFolderItems('0')
    truthy(entries.some(({ id }) => id === folder.id))
  })
  await step('file', 'an uploaded file is downloaded byte for byte', async () => {
    const attributes = { name: 'may.txt', parent: { id: folder.id } }
    const { entries } = await box.uploads.uploadFile({
      attributes,
      file: Readable.from([Buffer.from('12.50')]),
    })
    file = entries[0]
    equal(file.name, 'may.txt')
    const chunks = []
    for await (const chunk of await box.downloads.downloadFile(file.id)) chunks.push(chunk)
    equal(Buffer.concat(chunks).toString(), '12.50')
  })
  await step('read', 'the file is found by its id', async () => {
    equal((await box.files.getFileById(file.id)).name, 'may.txt')
  })
  await step('page', 'offsets lead to every user once', async () => {
    const ids = await several(
      7,
      async (i) => (await box.users.createUser({ name: `u${i}`, login: `u${i}@example.org` })).id,
    )
    const found = []
    for (let total = 1; found.length < total; ) {
      const page = await box.users.getUsers({ limit: 3, offset: found.length })
      total = page.totalCount
      truthy(page.entries.length > 0 && found.length < 100, 'the list does not end')
      found.push(...page.entries.map(({ id }) => id))
    }
    equal(
      ids.filter((id) => !found.includes(id)),
      [],
    )
  })
  await step('more', 'a comment is among those of its file', async () => {
    const { id } = await box.comments.createComment({ message: 'paid', item: { id: file.id, type: 'file' } })
    const { entries } = await box.comments.getFileComments(file.id)
    truthy(entries.some((comment) => comment.id === id))
  })
  await step('delete', 'the folder is deleted', () => box.folders.deleteFolderById(folder.id))
  await step('gone', 'the folder is then unknown', () =>
    rejects(() => box.folders.getFolderById(folder.id), has(404)),
  )
  await step('invalid', 'an empty folder name is refused', () =>
    rejects(() => box.folders.createFolder({ name: '', parent: { id: '0' } }), has(400)),
  )
})
