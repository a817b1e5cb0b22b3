// Requests that make, change and remove things at once, each in a list that says so: `{ creates, updates, deletes }` (DNSimple,
// Todoist, Airtable's sync).

import { isObject, normalizeName } from '../../engine/json.js'
import { answered, kept, notFound, type StateAnswer, tooMany } from '../answering.js'
import { BATCH_LISTS, type BatchStep } from '../conventions/actions.js'
import { noteChange } from '../entities/entity-changes.js'
import { isOrphan } from '../store/existence.js'
import { removeStored } from '../store/removed.js'
import type { Site, World } from '../world.js'
import { namedIn } from './batches.js'
import { createOne } from './several.js'

/** What becomes of each list of a body; undefined where it has no list of things to change or to remove. */
export function changeMixed(world: World, site: Site): StateAnswer {
  const { request, place } = site
  const lists = listsIn(request.body)
  if (!lists.some(([, step]) => step !== 'create')) return undefined
  const refused = isOrphan(world, site, place.parent)
    ? notFound(site)
    : tooMany(lists.flatMap(([, , rows]) => rows))
  if (refused !== undefined) return refused
  const done = lists.map(([name, step, rows]) => [name, STEPS[step](world, site, rows)] as const)
  return answerTo(world, site, Object.fromEntries(done))
}

type List = readonly [name: string, step: BatchStep, rows: readonly unknown[]]

const listsIn = (body: unknown): readonly List[] =>
  Object.entries(isObject(body) ? body : {}).flatMap(([name, rows]): readonly List[] => {
    const step = BATCH_LISTS.get(normalizeName(name))
    return step === undefined || !Array.isArray(rows) ? [] : [[name, step, rows]]
  })

/** Each gives its things as an answer shows them. */
const STEPS: Readonly<
  Record<BatchStep, (world: World, site: Site, rows: readonly unknown[]) => readonly unknown[]>
> = {
  create: (world, site, rows) =>
    rows.map((row) => site.factory.full(createOne(world, site, site.factory.payload(row)))),
  merge: (world, site, rows) =>
    namedIn(world, site, rows).map(({ found, row }) => {
      const { factory, request } = site
      const merged = factory.merge(
        found.entity,
        factory.payload(row),
        request.operation,
        false,
        world.clock.now(),
      )
      return factory.full(kept(world, site, found, merged).entity)
    }),
  remove: (world, site, rows) =>
    namedIn(world, site, rows).map(({ found }) => {
      removeStored(world, site, found)
      noteChange(world.changes, site, { kind: 'delete', entity: found.entity, before: found.entity })
      return site.factory.full(found.entity)
    }),
}

/** The lists of an answer that are called as those of the request, in itself or in its envelope. */
function answerTo(world: World, site: Site, done: Readonly<Record<string, readonly unknown[]>>): StateAnswer {
  const { forms, renderer } = world
  const { template } = site
  if (template.media === undefined) return answered(world, site, {})
  const { byName } = forms.of(template.schema)
  const [only, ...others] = byName.values()
  const isEnveloped = only !== undefined && others.length === 0 && !BATCH_LISTS.has(normalizeName(only.name))
  const body = renderer.part(template, isEnveloped ? { [only.name]: done } : done)
  return body === undefined ? undefined : answered(world, site, { body })
}
