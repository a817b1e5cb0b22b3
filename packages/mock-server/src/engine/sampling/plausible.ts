// Text that looks like what its name or format promises: data for the sampler. All of it is reserved for
// documentation, so that no sample reaches a real person, host or number.

export type Random = () => number

/** A generator (mulberry32) that gives the same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pick = (random: Random, list: readonly string[]): string =>
  list[Math.floor(random() * list.length)] ?? ''
const digits = (random: Random, count: number) =>
  Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
const hex = (random: Random, count: number): string =>
  count > 8 ? hex(random, 8) + hex(random, count - 8) : hexOf(random() * (RANGES[count] ?? 1), count)
const RANGES = Array.from({ length: 9 }, (_, count) => 16 ** count)
const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
/** Each id takes several of them, and two digits at a time are there. */
const hexOf = (number: number, count: number): string => {
  const digits = number < 2 ** 32 ? Math.floor(number) : Math.floor(number % 2 ** 32)
  let text = ''
  for (let shift = 24; shift >= 0; shift -= 8) text += PAIRS[(digits >>> shift) & 0xff]
  return text.slice(8 - count)
}

const FIRST = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Katherine', 'Donald', 'Radia']
const LAST = ['Lovelace', 'Hopper', 'Turing', 'Dijkstra', 'Liskov', 'Johnson', 'Knuth', 'Perlman']
const WORDS = [
  'amber',
  'birch',
  'cedar',
  'delta',
  'ember',
  'fjord',
  'grove',
  'harbor',
  'indigo',
  'juniper',
  'krill',
  'lumen',
]
const CITIES = ['Lisbon', 'Nairobi', 'Osaka', 'Porto', 'Quito', 'Tallinn', 'Utrecht', 'Valencia']
const COUNTRIES = ['PT', 'KE', 'JP', 'EC', 'EE', 'NL', 'ES', 'AR']
const CURRENCIES = ['EUR', 'USD', 'JPY', 'GBP']

const email = (r: Random) => `${pick(r, FIRST)}.${pick(r, LAST)}@example.com`.toLowerCase()
const date = (r: Random) => `2026-0${1 + Math.floor(r() * 9)}-${10 + Math.floor(r() * 18)}`
const time = (r: Random) => `${10 + Math.floor(r() * 10)}:${10 + Math.floor(r() * 49)}:00Z`
const uuid = (r: Random) => `${hex(r, 8)}-${hex(r, 4)}-4${hex(r, 3)}-a${hex(r, 3)}-${hex(r, 12)}`
/** Another one for every number, and next to its neighbours when sorted: indexes like that. */
export const uuidOf = (random: Random, group: number, number: number) =>
  `${hexOf(group + number / 65_536, 8)}-${hexOf(number, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`
const url = (r: Random) => `https://example.com/${pick(r, WORDS)}-${pick(r, WORDS)}`
const dateTime = (r: Random) => `${date(r)}T${time(r)}`
const phone = (r: Random) => `+1555${digits(r, 7)}`
const words = (r: Random) => `${pick(r, WORDS)} ${pick(r, WORDS)}`
const whole = (r: Random) => String(1 + Math.floor(r() * 99))
const title = (r: Random) => words(r).replace(/^./, (letter) => letter.toUpperCase())

type Writer = (random: Random) => string

/** Formats of JSON Schema, of OpenAPI's registry and of common use. */
export const byFormat: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['date-time', dateTime],
  ['iso-date-time', dateTime],
  ['date', date],
  ['time', time],
  ['iso-time', time],
  ['partial-time', (r) => time(r).slice(0, -1)],
  ['date-time-rfc-2822', (r) => new Date(dateTime(r)).toUTCString().replace('GMT', '+0000')],
  ['duration', (r) => `PT${1 + Math.floor(r() * 59)}M`],
  ['email', email],
  ['idn-email', email],
  ['uuid', uuid],
  ['guid', uuid],
  ['uri', url],
  ['url', url],
  ['iri', url],
  ['http-url', url],
  ['uri-reference', (r) => `/${pick(r, WORDS)}`],
  ['iri-reference', (r) => `/${pick(r, WORDS)}`],
  ['uri-template', (r) => `https://example.com/${pick(r, WORDS)}/{id}`],
  ['hostname', (r) => `${pick(r, WORDS)}.example.com`],
  ['idn-hostname', (r) => `${pick(r, WORDS)}.example.com`],
  ['ip', (r) => `192.0.2.${1 + Math.floor(r() * 254)}`],
  ['ipv4', (r) => `192.0.2.${1 + Math.floor(r() * 254)}`],
  ['ipv6', (r) => `2001:db8::${hex(r, 4)}`],
  ['byte', (r) => Buffer.from(words(r)).toString('base64')],
  ['binary', words],
  ['password', (r) => `${pick(r, WORDS)}-${digits(r, 4)}-${pick(r, WORDS)}`],
  ['phone', phone],
  ['phone-number', phone],
  ['json-pointer', (r) => `/${pick(r, WORDS)}`],
  ['relative-json-pointer', () => '0'],
  ['regex', () => '^[a-z]+$'],
  // Protocol Buffers write these as texts in JSON, because numbers of other languages have no room for them.
  ['int64', whole],
  ['uint64', whole],
  ['int32', whole],
  ['uint32', whole],
  ['decimal', (r) => `${Math.floor(r() * 100)}.${digits(r, 2)}`],
])

/** Names as they appear once normalised, the more particular first. */
const BY_NAME: readonly (readonly [RegExp, Writer])[] = [
  [/email$|emailaddress$/, email],
  [/(uuid|guid)$/, uuid],
  [/(url|uri|href|link|website|homepage)$/, url],
  [/(phone|mobile|phonenumber|msisdn|fax)$/, phone],
  [
    /((ed|seen|sent|paid|expires|starts|ends)at|timestamp|datetime|datecreated|dateupdated|created|updated|modified)$/,
    dateTime,
  ],
  [/(birthday|dateofbirth|birthdate|date|startdate|enddate)$/, date],
  [/firstname$|givenname$/, (r) => pick(r, FIRST)],
  [/lastname$|surname$|familyname$/, (r) => pick(r, LAST)],
  [/^(username|login|handle|nickname|screenname)$/, (r) => `${pick(r, FIRST)}${digits(r, 2)}`.toLowerCase()],
  [/^(fullname|displayname|author|owner|contactname)$/, (r) => `${pick(r, FIRST)} ${pick(r, LAST)}`],
  [/city$|town$/, (r) => pick(r, CITIES)],
  [/countrycode$|^country$/, (r) => pick(r, COUNTRIES)],
  [/currency(code)?$/, (r) => pick(r, CURRENCIES)],
  [/(zip|postal)(code)?$|postcode$/, (r) => digits(r, 5)],
  [/(locale|language|lang)$/, (r) => pick(r, ['en', 'es', 'pt', 'fr'])],
  [/timezone$/, () => 'Europe/Lisbon'],
  [/^status$/, () => 'active'],
  [/(color|colour)$/, (r) => `#${hex(r, 6)}`],
  [/(ipaddress|^ip)$/, (r) => `192.0.2.${1 + Math.floor(r() * 254)}`],
  [/(price|amount|total|balance)$/, (r) => `${1 + Math.floor(r() * 99)}.${digits(r, 2)}`],
  [/(sha|hash|digest|checksum|etag)$/, (r) => hex(r, 40)],
  [/(version)$/, (r) => `1.${Math.floor(r() * 9)}.0`],
  [/(slug|path|key)$/, (r) => `${pick(r, WORDS)}-${pick(r, WORDS)}`],
  [/(sid|token|secret|id|code|ref|reference)$/, (r) => `${pick(r, WORDS)}${hex(r, 8)}`],
  [
    /(description|summary|comment|notes?|text|body|message|content|bio|about)$/,
    (r) => `${title(r)} ${words(r)}.`,
  ],
  [/(name|title|label|subject|headline)$/, title],
]

/** Text for a property of this (normalised) name. */
export function byName(name: string, random: Random): string {
  const row = BY_NAME.find(([pattern]) => pattern.test(name))
  return row === undefined ? pick(random, WORDS) : row[1](random)
}
