import * as k8s from '@kubernetes/client-node'
import { equal, program, rejects, several, truthy } from '../harness.mjs'

const namespace = 'shop'
const labels = { app: 'web' }
const has = (code) => (error) => equal(error.code, code)

await program(async ({ url, key, step }) => {
  const connect = (token) => {
    const config = new k8s.KubeConfig()
    config.loadFromOptions({
      clusters: [{ name: 'mock', server: url, skipTLSVerify: true }],
      users: [{ name: 'user', token }],
      contexts: [{ name: 'mock', cluster: 'mock', user: 'user' }],
      currentContext: 'mock',
    })
    return config
  }
  const core = connect(key).makeApiClient(k8s.CoreV1Api)
  const apps = connect(key).makeApiClient(k8s.AppsV1Api)
  await callServices(core, step)
  await callOthers(core, apps, step)
  await step('key', 'a wrong token is refused', () =>
    rejects(() => connect('nonsense').makeApiClient(k8s.CoreV1Api).listNamespace(), has(401)),
  )
  await step('stream', 'a watch tells of what there is', async () => {
    const watch = new k8s.Watch(connect(key))
    await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('no event in 5 seconds')), 5_000).unref()
      watch
        .watch(
          `/api/v1/namespaces/${namespace}/configmaps`,
          {},
          () => resolve(),
          (error) => reject(error ?? new Error('the watch ended without an event')),
        )
        .catch(reject)
    })
  })
})

async function callServices(core, step) {
  await step('create', 'a service keeps its nested members', async () => {
    await core.createNamespace({ body: { metadata: { name: namespace } } })
    const body = { metadata: { name: 'web', labels }, spec: { selector: labels, ports: [{ port: 80 }] } }
    const service = await core.createNamespacedService({ namespace, body })
    equal([service.metadata.name, service.spec.selector], ['web', labels])
    equal(
      service.spec.ports.map(({ port }) => port),
      [80],
    )
  })
  await step('read', 'the service is found by its name', async () => {
    const service = await core.readNamespacedService({ name: 'web', namespace })
    equal([service.metadata.name, service.metadata.namespace], ['web', namespace])
  })
  await step('list', 'the service is in the list of its namespace and of all', async () => {
    const [own, all] = [
      await core.listNamespacedService({ namespace }),
      await core.listServiceForAllNamespaces(),
    ]
    for (const { items } of [own, all]) truthy(items.some(({ metadata }) => metadata.name === 'web'))
  })
  await step('list', 'a label selector chooses', async () => {
    await core.createNamespacedService({ namespace, body: { metadata: { name: 'other' }, spec: {} } })
    const { items } = await core.listNamespacedService({ namespace, labelSelector: 'app=web' })
    equal(
      items.map(({ metadata }) => metadata.name),
      ['web'],
    )
  })
  await step('update', 'a merge patch keeps what it does not name', async () => {
    const options = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch)
    const body = { metadata: { labels: { tier: 'front' } } }
    const { metadata } = await core.patchNamespacedService({ name: 'web', namespace, body }, options)
    equal(metadata.labels, { app: 'web', tier: 'front' })
  })
}

async function callOthers(core, apps, step) {
  await step('page', 'continue tokens lead to every config map once', async () => {
    const names = await several(7, async (i) => {
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: `c${i}` } } })
      return `c${i}`
    })
    const found = []
    let _continue
    do {
      const page = await core.listNamespacedConfigMap({ namespace, limit: 3, _continue })
      found.push(...page.items.map(({ metadata }) => metadata.name))
      _continue = page.metadata?._continue
      truthy(found.length < 100, 'the list does not end')
    } while (_continue)
    equal(
      names.filter((name) => !found.includes(name)),
      [],
    )
  })
  await step('more', 'a deployment has the scale that it was given', async () => {
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } }
    const spec = { replicas: 3, selector: { matchLabels: labels }, template }
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'web' }, spec } })
    equal((await apps.readNamespacedDeploymentScale({ name: 'web', namespace })).spec.replicas, 3)
  })
  await step('more', 'a name that is taken is a conflict', () =>
    rejects(
      () => core.createNamespacedService({ namespace, body: { metadata: { name: 'web' }, spec: {} } }),
      has(409),
    ),
  )
  await step('delete', 'the service is deleted', () =>
    core.deleteNamespacedService({ name: 'web', namespace }),
  )
  await step('gone', 'the service is then unknown, in the words of the API', () =>
    rejects(
      () => core.readNamespacedService({ name: 'web', namespace }),
      (error) => {
        const { kind, code } = JSON.parse(error.body)
        equal([error.code, kind, code], [404, 'Status', 404])
      },
    ),
  )
}
