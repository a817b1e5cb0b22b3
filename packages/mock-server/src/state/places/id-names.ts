// What things are known by, in the words of the paths that lead to them.

import { normalizeName } from '../../engine/json.js'
import { ID_ENDINGS, NAME_MEMBERS, NUMBER_WORDS, wordsOf } from '../conventions/names.js'
import type { IdNames } from '../forms/entity-views.js'
import { nounOf } from './paths.js'
import { type Place, parameterNames } from './place.js'

/** What the id of an item may be called in bodies: `petId` of `/pets/{petId}` is `petid`, `id`, and so on. */
export function idNamesOf(place: Place): IdNames {
  const noun = nounOf(place)
  if (place.param === undefined) {
    // `groupId` of what is listed at `/groups`, and has no path of its own: DocuSign, Xero.
    const named = noun === '' ? [] : [`${noun}id`]
    return { sure: [], guesses: ['id', 'gid', 'sid', 'uuid', 'uid', 'pk', ...named, 'key', 'name'] }
  }
  const param = normalizeName(place.param)
  const hint = [place.read, place.list, place.create].map((operation) => operation?.extension('x-mock-id'))
  const given = hint.flatMap((name) => (typeof name === 'string' ? [normalizeName(name)] : []))
  const short = noun !== '' && param.startsWith(noun) ? [param.slice(noun.length)] : []
  const above = new Set(parameterNames(place.collection).map(normalizeName))
  const inner = (noun !== '' && param.indexOf(noun) > 0 ? [param.replace(noun, '')] : []).filter(
    (name) => !above.has(name),
  )
  // `{service_token_id}` is the `token_id` (Hook0), `{task_try_number}` the `try_number` (Airflow).
  const words = wordsOf(place.param)
  const tails = words.slice(1, -1).map((_, i) => words.slice(i + 1).join(''))
  // `{meterIdOrSlug}` is the `id` before it is the `slug` (OpenMeter).
  const either = /(?:^|[a-z])idor[a-z]/.test(param) ? ['id'] : []
  const particular = NAME_MEMBERS.filter(
    (word) => word.length > 2 && param.includes(word) && word !== 'value',
  )
  // `object_id` is what Shippo, Parse and Algolia call the id of whatever they show.
  const usual = ['id', 'sid', 'gid', 'uuid', 'uid', 'guid', 'pk', 'objectid']
  const ending = ID_ENDINGS.filter((word) => param.endsWith(word))
  // `{repo}` names a thing, and only `{repo_id}` its id: a name may be what it is known by.
  const isNoun = ending.length === 0 && particular.length === 0
  const sure = [
    ...given,
    ...either,
    param,
    ...(NUMBER_WORDS.has(param) ? ['number'] : []),
    ...short,
    ...inner,
    ...(isNoun ? [] : particular.filter((word) => param.endsWith(word))),
    ...(param.length > 6 && param.endsWith('name') ? [param.slice(0, -4)] : []),
    ...tails.filter((name) => !above.has(name)),
    ...ending,
    ...usual,
    `${noun}id`,
    ...particular,
  ]
  const guesses = [
    `${noun}name`,
    // `kid` is the id of a key (RFC 7517, as Okta and Ory show it), `pid` that of a process.
    `${noun.charAt(0)}id`,
    'identifier',
    'slug',
    'key',
    'name',
    'code',
    'login',
    'username',
    'email',
    'number',
    'token',
    'pspreference',
    'reference',
  ]
  const named = [...new Set(sure)].filter((name) => name !== '')
  return { sure: named, guesses: [...new Set(guesses)], mayBeFirst: true }
}
