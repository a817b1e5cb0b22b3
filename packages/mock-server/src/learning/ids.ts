// What ids look like: found from those that were seen, and written anew.

import { hashText } from '../engine/json.js'
import { textMatching } from '../engine/sampling/pattern-text.js'
import { createRandom, uuidOf } from '../engine/sampling/plausible.js'
import type { IdLesson } from './learned-file.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const COUNTED = /^(.*?)(\d{1,12})$/
/** Sets of characters, the smallest first. */
const SETS = ['0-9', 'a-f', '0-9a-f', 'a-z', 'a-z0-9', 'A-Z', 'A-Z0-9', 'A-Za-z0-9', 'A-Za-z0-9_-']
const UUID_LIKE = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

/**
 * @param given ids that the API gave to new things, in this order.
 * @param all of the things that were seen.
 */
export function idLessonOf(
  given: readonly (string | number)[],
  all: readonly (string | number)[],
): IdLesson | undefined {
  const known = given.length > 0 ? given : all
  const texts = [...new Set(known.map(String))]
  if (texts.length === 0) return undefined
  return countedIn(texts, all.map(String)) ?? likenessOf(texts)
}

/** Numbers that go up by small steps behind the same beginning. */
function countedIn(texts: readonly string[], all: readonly string[]): IdLesson | undefined {
  const parts = texts.map((text) => COUNTED.exec(text))
  const prefix = parts[0]?.[1] ?? ''
  if (parts.some((part) => part === null || part[1] !== prefix || /^0\d/.test(part[2] ?? '')))
    return undefined
  const numbers = parts.map((part) => Number(part?.[2]))
  const isRising = numbers.every(
    (number, i) => i === 0 || (number > Number(numbers[i - 1]) && number - Number(numbers[i - 1]) <= 100),
  )
  // A single large number says nothing of the next.
  if (!isRising || (numbers.length === 1 && Number(numbers[0]) > 9_999)) return undefined
  const taken = all.flatMap((text) => {
    const [, own, digits] = COUNTED.exec(text) ?? []
    return own === prefix ? [Number(digits)] : []
  })
  return { counts: `${prefix}#`, last: Math.max(...numbers, ...taken) }
}

function likenessOf(texts: readonly string[]): IdLesson | undefined {
  if (texts.every((text) => UUID.test(text))) return { like: UUID_LIKE }
  const prefix = /^(?:[A-Za-z][A-Za-z0-9]*[_-])+/.exec(texts[0] ?? '')?.[0] ?? ''
  const own = texts.every((text) => text.startsWith(prefix)) ? prefix : ''
  const rests = texts.map((text) => text.slice(own.length))
  const set = SETS.find((one) => rests.every((rest) => new RegExp(`^[${one}]+$`).test(rest)))
  const lengths = rests.map(({ length }) => length)
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)]
  // Words are names that somebody chose.
  if (set === undefined || least < 4 || (!set.includes('0-9') && least !== most)) return undefined
  return { like: `${own.replace(/[^\w-]/g, '\\$&')}[${set}]{${least === most ? least : `${least},${most}`}}` }
}

/** @param number another one for every new thing, from 1. */
export function idFrom(lesson: IdLesson, number: number, seed: string): string | number | undefined {
  if ('counts' in lesson) {
    const next = lesson.last + number
    return lesson.counts === '#' ? next : lesson.counts.replace('#', String(next))
  }
  const random = createRandom(hashText(`${seed} ${lesson.like}`, number))
  if (lesson.like === UUID_LIKE) return uuidOf(random, hashText(seed), number)
  return textMatching(`^${lesson.like}$`, random)
}
