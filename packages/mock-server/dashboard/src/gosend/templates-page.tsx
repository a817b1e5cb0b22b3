// Templates, and what Meta decides on them.

import { Empty, ListDetail, Problem, RowLink, Rows, Skeleton } from '@gosend/dashboard-ui'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { topicOf, useChoice, useHref, useScope } from '../place.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { listOf, type Template, type Waba } from './data.js'
import { TemplateDetail } from './template-detail.js'
import { TemplateStatus } from './template-status.js'

function Templates() {
  const { api } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const [chosen] = useChoice()
  const topic = topicOf(scope, '/wabas')
  const { data, problem, reload } = useLive(topic, [topic], async () => {
    const wabas = await listOf<Waba>(api, scope, '/wabas')
    const lists = await Promise.all(
      wabas.map(({ id }) => listOf<Template>(api, scope, `/wabas/${encodeURIComponent(id)}/templates`)),
    )
    return { wabas, templates: lists.flat().sort(byNeed) }
  })
  const templates = data?.templates
  const found = templates?.find(({ id }) => id === chosen)
  const list = (
    <>
      {templates === undefined && problem === undefined && <Skeleton />}
      {templates?.length === 0 && (
        <Empty icon={icons.templates} title="No templates">
          <p>What the API creates waits here for a review.</p>
        </Empty>
      )}
      {templates !== undefined && templates.length > 0 && (
        <Rows label="Templates">
          {templates.map((template) => (
            <RowLink
              key={template.id}
              href={href([template.id])}
              name={template.id}
              isChosen={template.id === chosen}
              columns="template-line"
            >
              <span class="message-what">
                <code class="cut">{template.name}</code>
                <span class="hint cut">
                  {template.language} · {template.category.toLowerCase()}
                  {(data?.wabas.length ?? 0) > 1 && ` · ${nameOf(data?.wabas ?? [], template.waba_id)}`}
                </span>
              </span>
              <TemplateStatus status={template.status} />
            </RowLink>
          ))}
        </Rows>
      )}
    </>
  )
  return (
    <>
      <Head title="Templates" lead="Approve, reject or pause them as Meta would, at once.">
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      <ListDetail
        list={list}
        detail={
          chosen === undefined || templates === undefined ? undefined : found === undefined ? (
            <p class="hint">There is no such template any more.</p>
          ) : (
            <TemplateDetail key={found.id} template={found} onReview={reload} />
          )
        }
        label="Template"
        home={href()}
        chosen={chosen}
      />
    </>
  )
}

const nameOf = (wabas: readonly Waba[], id: string): string =>
  wabas.find((waba) => waba.id === id)?.display_name ?? id

/** What waits for a review first, then the latest. */
const byNeed = (a: Template, b: Template): number =>
  Number(b.status === 'PENDING') - Number(a.status === 'PENDING') || Number(b.id) - Number(a.id)

export const templatesPage = createPage(
  { id: 'templates', title: 'Templates', icon: icons.templates, shortcut: 't' },
  Templates,
)
