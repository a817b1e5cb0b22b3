// One mock after the other, each with a document of its own, in one process: prints what is left of them in memory.
// `node --expose-gc closing.mjs COUNT`

import { createMockServer } from '../dist/index.js'

const count = Number(process.argv[2])

/** Nothing of it is in any other: neither its names nor its patterns, of which RE2 runs the second. */
function documentOf(number) {
  const text = { type: 'string', pattern: `^(?:${`[a-z${number}]?\\d{0,9}`.repeat(120)})$` }
  const dear = { type: 'string', pattern: `(?:[ab]*a[ab]{${100 + number}})+[cd]` }
  const named = { [`^x-${number}-[a-z]+$`]: { type: 'integer' } }
  const kinds = [1, 2, 3].map((kind) => ({ type: 'object', required: [`kind${number}_${kind}`] }))
  const schema = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      [`text${number}`]: text,
      [`dear${number}`]: dear,
      big: { type: 'string' },
    },
    patternProperties: named,
    anyOf: [...kinds, {}],
  }
  const content = { [`application/vnd.n${number}+json`]: { schema }, 'application/json': { schema } }
  const one = { description: '', content }
  const list = {
    description: '',
    content: { 'application/json': { schema: { type: 'array', items: schema } } },
  }
  return {
    openapi: '3.1.0',
    info: { title: `Number ${number}`, version: '1' },
    paths: {
      [`/things${number}`]: {
        post: { requestBody: { content }, responses: { 201: one } },
        get: { responses: { 200: list } },
      },
      [`/things${number}/{id}`]: { get: { responses: { 200: one } } },
    },
  }
}

async function use(number) {
  const mock = await createMockServer({ spec: documentOf(number), auth: 'off' })
  const url = `${mock.url}/things${number}`
  const post = (body, type = 'application/json') =>
    fetch(url, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
  const read = async (response) => (await response).text()
  await read(post({ [`dear${number}`]: `${'ab'.repeat(1_000)}a${number}c`, [`x-${number}-a`]: 'no' }))
  await read(
    post({ [`text${number}`]: `a${number}`, big: 'x'.repeat(50_000) }, `application/vnd.n${number}+json`),
  )
  await read(
    fetch(`${url}?field${number}=1`, { headers: { accept: `application/vnd.n${number}+json;q=0.5` } }),
  )
  await read(fetch(`${url}/${number}`))
  await mock.close()
  return new WeakRef(mock)
}

/** What is left once all garbage is gone; connections of the client take a moment to end. */
async function megabytes() {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc()
  }
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024 / 1024
}

const mocks = []
const sizes = []
for (let number = 1; number <= count; number++) {
  mocks.push(await use(number))
  if (number === Math.ceil(count / 3) || number === count) sizes.push(await megabytes())
}
const [third, whole] = sizes
console.log(JSON.stringify({ third, whole, left: mocks.filter((mock) => mock.deref() !== undefined).length }))
