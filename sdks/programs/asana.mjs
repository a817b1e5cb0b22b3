import Asana from 'asana'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

// What earlier steps made, for later ones.
let task
let project

function clientsOf(url) {
  const connect = (token) => {
    const c = new Asana.ApiClient()
    c.basePath = url
    c.authentications.token.accessToken = token
    return c
  }
  const client = connect('right')
  const api = (name, c = client) => new Asana[`${name}Api`](c)
  const tasks = api('Tasks'),
    projects = api('Projects'),
    tags = api('Tags'),
    workspace = '12345'
  return { api, tasks, projects, workspace, connect, tags }
}

async function firstSteps(step, { api, tasks, projects, workspace }) {
  await step('create', 'a project comes back as it was sent', async () => {
    project = (await projects.createProject({ data: { name: 'P', workspace, notes: 'n' } })).data
    equal([project.name, project.notes], ['P', 'n'])
  })
  await step('create', 'a task comes back as it was sent', async () => {
    task = (await tasks.createTask({ data: { name: 'T', notes: 'n', projects: [project.gid], workspace } }))
      .data
    equal([task.name, task.notes], ['T', 'n'])
  })
  await step('read', 'the task is found by its gid', async () => {
    const r = (await tasks.getTask(task.gid)).data
    equal([r.gid, r.name], [task.gid, 'T'])
  })
  await step('list', 'the task is in the list of its project', async () => {
    const r = (await tasks.getTasksForProject(project.gid)).data
    equal(
      r.map((t) => t.gid),
      [task.gid],
    )
  })
  await step('page', 'the pages of a project have each task once', async () => {
    const ids = await several(
      7,
      async (i) => (await tasks.createTask({ data: { name: `t${i}`, projects: [project.gid] } })).data.gid,
    )
    const seen = []
    let page = await tasks.getTasks({ project: project.gid, limit: 3 })
    while (page?.data) {
      seen.push(...page.data.map((t) => t.gid))
      truthy(seen.length < 100, 'no end')
      page = await page.nextPage()
    }
    equal(new Set(seen).size, seen.length)
    equal(
      ids.filter((i) => !seen.includes(i)),
      [],
    )
  })
  await step('update', 'completing the task keeps its name', async () => {
    const r = (await tasks.updateTask({ data: { completed: true } }, task.gid)).data
    equal([r.completed, r.name], [true, 'T'])
  })
  await step('more', 'a subtask is in the list of its task', async () => {
    const s = (await tasks.createSubtaskForTask({ data: { name: 'S' } }, task.gid)).data
    const r = (await tasks.getSubtasksForTask(task.gid)).data
    equal(
      r.map((x) => x.gid),
      [s.gid],
    )
  })
  await step('more', 'a task that a section got is in its list', async () => {
    const s = (
      await api('Sections').createSectionForProject(project.gid, { body: { data: { name: 'Sec' } } })
    ).data
    await api('Sections').addTaskForSection(s.gid, { body: { data: { task: task.gid } } })
    const r = (await tasks.getTasksForSection(s.gid)).data
    equal(
      r.map((x) => x.gid),
      [task.gid],
    )
  })
}

async function furtherSteps(step, { connect, api, tasks, tags, workspace }) {
  await step('more', 'a tag is on the task until it is taken off', async () => {
    const tag = (await tags.createTag({ data: { name: 'G', workspace } })).data
    await tasks.addTagForTask({ data: { tag: tag.gid } }, task.gid)
    equal(
      (await tags.getTagsForTask(task.gid)).data.map((x) => x.gid),
      [tag.gid],
    )
    await tasks.removeTagForTask({ data: { tag: tag.gid } }, task.gid)
    equal((await tags.getTagsForTask(task.gid)).data, [])
  })
  await step('more', 'a story is in the list of its task', async () => {
    const s = (await api('Stories').createStoryForTask({ data: { text: 'hello' } }, task.gid)).data
    equal(s.text, 'hello')
    truthy((await api('Stories').getStoriesForTask(task.gid)).data.some((x) => x.gid === s.gid))
  })
  await step('delete', 'the task is deleted', () => tasks.deleteTask(task.gid))
  await step('gone', 'the task is then unknown, with a message', () =>
    rejects(
      () => tasks.getTask(task.gid),
      (e) => {
        equal(e.status, 404)
        truthy(e.response.body.errors[0].message)
      },
    ),
  )
  await step('invalid', 'a value of the wrong type is refused', () =>
    rejects(
      () => tasks.createTask({ data: { completed: 'maybe' } }),
      (e) => {
        equal(e.status, 400)
        truthy(e.response.body.errors[0].message)
      },
    ),
  )
  await step('key', 'a wrong token is refused', () =>
    rejects(
      () => api('Tasks', connect('wrong')).getTask('1'),
      (e) => equal(e.status, 401),
    ),
  )
}

await program(async ({ url, step }) => {
  const clients = clientsOf(url)
  await firstSteps(step, clients)
  await furtherSteps(step, clients)
})
