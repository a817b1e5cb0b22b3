import { Octokit } from '@octokit/rest'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const log = { debug() {}, info() {}, warn() {}, error() {} }

await program(async ({ url, key, step }) => {
  const connect = (auth) => new Octokit({ auth, baseUrl: url, log })
  const { rest, paginate } = connect(key)
  let repo = { owner: 'acme', repo: 'tools' }
  let milestone

  await step('create', 'a repository of the user has the name that was sent', async () => {
    const { data } = await rest.repos.createForAuthenticatedUser({ name: 'tools', description: 'ours' })
    equal([data.name, data.description], ['tools', 'ours'])
    repo = { owner: data.owner.login, repo: data.name }
  })
  await step('read', 'the repository is found by owner and name', async () => {
    const { data } = await rest.repos.get(repo)
    equal([data.name, data.description], ['tools', 'ours'])
  })
  await step('create', 'a milestone is open', async () => {
    milestone = (await rest.issues.createMilestone({ ...repo, title: 'v1', description: 'first' })).data
    equal([milestone.title, milestone.state], ['v1', 'open'])
  })
  await step('read', 'the milestone is found by its number', async () => {
    const { data } = await rest.issues.getMilestone({ ...repo, milestone_number: milestone.number })
    equal([data.number, data.title], [milestone.number, 'v1'])
  })
  await step('update', 'a closed milestone keeps its title', async () => {
    const { data } = await rest.issues.updateMilestone({
      ...repo,
      milestone_number: milestone.number,
      state: 'closed',
    })
    equal([data.state, data.title], ['closed', 'v1'])
  })
  await step('list', 'the milestone is in the list of closed ones', async () => {
    const { data } = await rest.issues.listMilestones({ ...repo, state: 'closed' })
    truthy(data.some(({ number }) => number === milestone.number))
  })
  await step('page', 'the paginator finds every issue once', async () => {
    const numbers = await several(
      7,
      async (i) => (await rest.issues.create({ ...repo, title: `issue ${i}` })).data.number,
    )
    const found = (await paginate(rest.issues.listForRepo, { ...repo, per_page: 3 })).map(
      ({ number }) => number,
    )
    equal(
      numbers.filter((number) => !found.includes(number)),
      [],
    )
    equal(new Set(found).size, found.length)
  })
  await step('more', 'a comment is in the list of its issue', async () => {
    const { data: issue } = await rest.issues.create({ ...repo, title: 'talk' })
    const about = { ...repo, issue_number: issue.number }
    const { data: comment } = await rest.issues.createComment({ ...about, body: 'hello' })
    const { data: comments } = await rest.issues.listComments(about)
    truthy(comments.some(({ id, body }) => id === comment.id && body === 'hello'))
  })
  await step('more', 'a label is found by its name', async () => {
    await rest.issues.createLabel({ ...repo, name: 'needs work', color: '00ff00' })
    const { data } = await rest.issues.getLabel({ ...repo, name: 'needs work' })
    equal([data.name, data.color], ['needs work', '00ff00'])
  })
  await step('file', 'the text of a gist is kept', async () => {
    const { data } = await rest.gists.create({ files: { 'a.md': { content: '# A' } }, public: true })
    const { data: read } = await rest.gists.get({ gist_id: data.id })
    equal(read.files['a.md']?.content, '# A')
  })
  await step('delete', 'the milestone is deleted', () =>
    rest.issues.deleteMilestone({ ...repo, milestone_number: milestone.number }),
  )
  await step('gone', 'the milestone is then unknown', () =>
    rejects(
      () => rest.issues.getMilestone({ ...repo, milestone_number: milestone.number }),
      (error) => equal([error.name, error.status], ['HttpError', 404]),
    ),
  )
  await step('invalid', 'a missing member is named', () =>
    rejects(
      () => rest.issues.createMilestone({ ...repo }),
      (error) => {
        equal(error.status, 422)
        truthy(/title/.test(error.message), error.message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('nonsense').rest.users.getAuthenticated(),
      (error) => equal(error.status, 401),
    ),
  )
})
