import { giteaApi } from 'gitea-js'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const REPO = ['acme', 'app']
const dataOf = async (answer) => (await answer).data
const base64 = (text) => Buffer.from(text).toString('base64')
const namesOf = (items) => items.map(({ name }) => name).sort()
const numbersOf = (items) => items.map(({ number }) => number)
const unknown = (work) => rejects(work, (error) => equal(error.status, 404))

await program(async ({ url, key, step }) => {
  const connect = (token) => giteaApi(url, { token })
  const gitea = connect(key)
  const { repos } = gitea
  const repo = await repositorySteps(step, gitea)
  await issueSteps(step, repos)
  await contentSteps(step, repos)
  await teamSteps(step, gitea, repo)
  await step('delete', 'a deleted repository is unknown and in no list', async () => {
    await repos.repoDelete(...REPO)
    await unknown(() => repos.repoGet(...REPO))
    const left = await dataOf(gitea.orgs.orgListRepos('acme'))
    truthy(!left.some(({ id }) => id === repo.id))
  })
  await step('gone', 'a user that was never made is unknown', () =>
    unknown(() => gitea.users.userGet('nobody-here')),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => connect('wrong').user.userGetCurrent(),
      (error) => equal(error.status, 401),
    ),
  )
})

async function repositorySteps(step, { orgs, repos }) {
  let repo
  await step('create', 'a repository belongs to its organization', async () => {
    await orgs.orgCreate({ username: 'acme', full_name: 'Acme Inc' })
    repo = await dataOf(orgs.createOrgRepo('acme', { name: 'app', description: 'Ours', private: true }))
    equal([repo.name, repo.description, repo.private], ['app', 'Ours', true])
    equal([repo.owner.login, repo.full_name], ['acme', 'acme/app'])
  })
  await step('read', 'the repository is found by its owner and its name', async () => {
    const { id, name, description } = await dataOf(repos.repoGet(...REPO))
    equal([id, name, description], [repo.id, 'app', 'Ours'])
  })
  return repo
}

async function issueSteps(step, repos) {
  let bug
  let wish
  let issue
  await step('create', 'an issue is open and has its label and its milestone', async () => {
    bug = await dataOf(repos.issueCreateLabel(...REPO, { name: 'bug', color: '#ee0701' }))
    wish = await dataOf(repos.issueCreateLabel(...REPO, { name: 'wish', color: '#00aabb' }))
    const milestone = await dataOf(repos.issueCreateMilestone(...REPO, { title: 'v1' }))
    equal([milestone.title, milestone.state, milestone.open_issues], ['v1', 'open', 0])
    const sent = { title: 'Crash', body: 'It crashes', labels: [bug.id], milestone: milestone.id }
    const { number } = await dataOf(repos.issueCreateIssue(...REPO, sent))
    issue = await dataOf(repos.issueGetIssue(...REPO, number))
    equal([issue.title, issue.body, issue.state, issue.comments], ['Crash', 'It crashes', 'open', 0])
    equal([namesOf(issue.labels), issue.milestone.title], [['bug'], 'v1'])
  })
  await step('page', 'the pages show each issue once and end', async () => {
    const made = await several(
      5,
      async (i) => (await dataOf(repos.issueCreateIssue(...REPO, { title: `issue ${i}` }))).number,
    )
    const seen = []
    for (let page = 1; page < 20; page++) {
      const issues = await dataOf(repos.issueListIssues(...REPO, { page, limit: 2 }))
      truthy(issues.length <= 2)
      if (issues.length === 0) break
      seen.push(...numbersOf(issues))
    }
    equal(new Set(seen).size, seen.length)
    equal(
      [issue.number, ...made].filter((number) => !seen.includes(number)),
      [],
    )
  })
  await step('list', 'issues are found by a label, by a milestone and by a word', async () => {
    for (const query of [{ labels: 'bug' }, { milestones: 'v1' }, { q: 'Crash' }]) {
      const found = await dataOf(repos.issueListIssues(...REPO, { ...query, state: 'all' }))
      equal(numbersOf(found), [issue.number])
    }
  })
  await step('update', 'a closed issue is among the closed ones alone', async () => {
    const { number } = await dataOf(repos.issueCreateIssue(...REPO, { title: 'Done' }))
    const changed = await dataOf(repos.issueEditIssue(...REPO, number, { state: 'closed' }))
    equal([changed.number, changed.title, changed.state], [number, 'Done', 'closed'])
    const listed = async (state) => numbersOf(await dataOf(repos.issueListIssues(...REPO, { state })))
    truthy((await listed('closed')).includes(number))
    truthy(!(await listed('open')).includes(number))
  })
  await step('more', 'labels are put on the issue, taken off, replaced and cleared', async () => {
    await repos.issueAddLabel(...REPO, issue.number, { labels: [wish.id] })
    equal(namesOf(await dataOf(repos.issueGetLabels(...REPO, issue.number))), ['bug', 'wish'])
    await repos.issueRemoveLabel(...REPO, issue.number, bug.id)
    equal(namesOf((await dataOf(repos.issueGetIssue(...REPO, issue.number))).labels), ['wish'])
    equal((await dataOf(repos.issueGetLabel(...REPO, bug.id))).name, 'bug')
    await repos.issueReplaceLabels(...REPO, issue.number, { labels: [bug.id] })
    equal(namesOf(await dataOf(repos.issueGetLabels(...REPO, issue.number))), ['bug'])
    await repos.issueClearLabels(...REPO, issue.number)
    equal(await dataOf(repos.issueGetLabels(...REPO, issue.number)), [])
  })
  await step('more', 'a comment is counted, changed and deleted', async () => {
    const { id } = await dataOf(repos.issueCreateComment(...REPO, issue.number, { body: 'Same here' }))
    equal((await dataOf(repos.issueGetIssue(...REPO, issue.number))).comments, 1)
    await repos.issueEditComment(...REPO, id, { body: 'Edited' })
    equal((await dataOf(repos.issueGetComment(...REPO, id))).body, 'Edited')
    await repos.issueDeleteComment(...REPO, id)
    equal(await dataOf(repos.issueGetComments(...REPO, issue.number)), [])
  })
  await step('file', 'a file is attached to the issue', async () => {
    const attachment = new File(['hello'], 'log.txt')
    const { id, name, size } = await dataOf(
      repos.issueCreateIssueAttachment(...REPO, issue.number, { attachment }, { name: 'log.txt' }),
    )
    equal([name, size], ['log.txt', 5])
    const attached = await dataOf(repos.issueListIssueAttachments(...REPO, issue.number))
    equal(
      attached.map((one) => one.id),
      [id],
    )
  })
  await step('invalid', 'an issue without a title is refused', () =>
    rejects(
      () => repos.issueCreateIssue(...REPO, { body: 'no title' }),
      (error) => equal(error.status, 422),
    ),
  )
}

async function contentSteps(step, repos) {
  await step('file', 'a file in a folder is read as it was sent', async () => {
    const sent = { content: base64('hi'), message: 'add', branch: 'main' }
    const { content } = await dataOf(repos.repoCreateFile(...REPO, 'docs/a.txt', sent))
    equal([content.name, content.path], ['a.txt', 'docs/a.txt'])
    const read = await dataOf(repos.repoGetContents(...REPO, 'docs/a.txt'))
    equal([read.path, read.sha, read.content], ['docs/a.txt', content.sha, base64('hi')])
  })
  await step('more', 'a release is found by its tag and is a draft no more', async () => {
    const sent = { tag_name: 'v1.0', name: 'One', body: 'First', draft: true }
    const { id } = await dataOf(repos.repoCreateRelease(...REPO, sent))
    const drafts = async () =>
      (await dataOf(repos.repoListReleases(...REPO, { draft: true }))).map((r) => r.id)
    truthy((await drafts()).includes(id))
    await repos.repoEditRelease(...REPO, id, { draft: false })
    const found = await dataOf(repos.repoGetReleaseByTag(...REPO, 'v1.0'))
    equal([found.id, found.name, found.draft], [id, 'One', false])
    truthy(!(await drafts()).includes(id))
  })
}

async function teamSteps(step, { admin, orgs, teams, users }, repo) {
  await step('more', 'a team has its member and its repository', async () => {
    const sent = { name: 'devs', permission: 'write', units: ['repo.code'] }
    const team = await dataOf(orgs.orgCreateTeam('acme', sent))
    await admin.adminCreateUser({ username: 'bob', email: 'bob@example.org', password: 'secret12' })
    equal((await dataOf(users.userGet('bob'))).login, 'bob')
    await teams.orgAddTeamMember(team.id, 'bob')
    const members = await dataOf(teams.orgListTeamMembers(team.id))
    equal(
      members.map(({ login }) => login),
      ['bob'],
    )
    await teams.orgAddTeamRepository(team.id, ...REPO)
    const had = await dataOf(teams.orgListTeamRepos(team.id))
    equal(
      had.map(({ id }) => id),
      [repo.id],
    )
    await teams.orgRemoveTeamRepository(team.id, ...REPO)
    equal(await dataOf(teams.orgListTeamRepos(team.id)), [])
  })
}
