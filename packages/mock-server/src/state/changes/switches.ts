// Paths that are nothing but a switch, which POST or PUT turns on, DELETE off, and GET tells of: the `transfer_lock` of a domain
// (DNSimple), the vulnerability alerts of a repository (GitHub), the lock of a stack (Pulumi).

import type { Operation } from '../../engine/document/operation.js'
import { grouped } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { answered, type StateAnswer } from '../answering.js'
import { withValueAt } from '../forms/views.js'
import { scopeOf, type World } from '../world.js'

/** Where the answers of a switch say whether it is on. */
type Path = readonly string[]

/** No path: what is kept here is no collection of the document. */
const SWITCHES = '#switches'

/** What says only whether something is on may say since when. */
const MAX_MEMBERS = 4

/** How answers call what says whether a switch is on. */
const ON = ['enabled', 'isenabled', 'active', 'isactive', 'on', 'locked', 'islocked']

const switches = new WeakMap<readonly Operation[], ReadonlyMap<Operation, Path>>()

/** Turns a switch, or tells of it; undefined where a request is about none. */
export function switched(world: World, request: ApiRequest): StateAnswer {
  const known = switches.get(world.operations) ?? switchesIn(world)
  switches.set(world.operations, known)
  const { operation, path } = request
  const flag = known.get(operation)
  if (flag === undefined) return undefined
  const scope = scopeOf(request)
  const { items, renderer, types } = world
  if (operation.method !== 'GET') items.replace(scope, SWITCHES, path, String(operation.method !== 'DELETE'))
  const isOn = items.find(scope, SWITCHES, path)?.body === 'true'
  const template = types.template(operation, operation.method === 'POST', request.headers.accept)
  if (template === undefined) return undefined
  if (template.media === undefined) return answered(world, { template }, {})
  const body = renderer.part(template, withValueAt({}, flag, isOn))
  return body === undefined ? undefined : answered(world, { template }, { body })
}

/** The operations of all switches, each with where its answer, or that of another method, says whether it is on. */
function switchesIn(world: World): ReadonlyMap<Operation, Path> {
  const found = new Map<Operation, Path>()
  const byPath = grouped(world.operations.map((operation) => [operation.path, operation]))
  for (const own of byPath.values()) {
    const on = own.find(({ method }) => method === 'POST' || method === 'PUT')
    const isPair = on !== undefined && own.some(({ method }) => method === 'DELETE')
    if (!isPair || on.path.endsWith('}') || on.body() !== undefined) continue
    const [flag] = own.flatMap((operation) => {
      const path = flagOf(world, operation)
      return path === undefined ? [] : [path]
    })
    if (flag !== undefined) for (const operation of own) found.set(operation, flag)
  }
  return found
}

/** Where an answer says whether something is on: in itself, or in the one object in it. */
function flagOf({ forms, types }: World, operation: Operation): Path | undefined {
  const template = types.template(operation)
  if (template?.media === undefined) return undefined
  const { byName } = forms.of(template.schema)
  const [only, ...others] = byName.values()
  const inner = only !== undefined && others.length === 0 ? forms.of(only.schema).byName : undefined
  // What shows a thing says more of it.
  if ([byName, inner].some((own) => own !== undefined && (own.size > MAX_MEMBERS || own.has('id'))))
    return undefined
  const isFlag = (schema: Parameters<typeof forms.types>[0]) => forms.types(schema)?.has('boolean') === true
  for (const name of ON) {
    const [outer, within] = [byName.get(name), inner?.get(name)]
    if (outer !== undefined && isFlag(outer.schema)) return [outer.name]
    if (only !== undefined && within !== undefined && isFlag(within.schema)) return [only.name, within.name]
  }
  return undefined
}
