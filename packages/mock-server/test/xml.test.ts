// XML both ways: what the `xml` keywords say of answers and of bodies, what is refused, and that both directions agree.
// Answers are read with a parser that the mock does not use.

import { DOMParser, type Element } from '@xmldom/xmldom'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBudget } from '../src/engine/budget.js'
import { loadDocument } from '../src/engine/document/document.js'
import { createCoercion } from '../src/engine/request/coercion.js'
import { createSchemas } from '../src/engine/schema/schemas.js'
import { createValidation } from '../src/engine/schema/validation.js'
import { createXml } from '../src/engine/xml/xml.js'
import type { MockServer } from '../src/index.js'
import { document, send, start } from './harness.js'

const XML = 'application/xml'
const string = { type: 'string' }
const integer = { type: 'integer' }

/** The root of an answer; anything that is not well-formed, prefixes included, throws. */
function rootOf(text: string): Element {
  const parser = new DOMParser({
    onError: (_level, message) => {
      throw new Error(message)
    },
  })
  const root = parser.parseFromString(text, 'text/xml').documentElement
  if (root === null) throw new Error('no root')
  return root
}

const childrenOf = (element: Element): Element[] =>
  [...element.childNodes].filter((node): node is Element => node.nodeType === 1)

const inXml = (schema: object, example?: unknown) => ({
  [XML]: { schema, ...(example === undefined ? {} : { example }) },
})

const reading = (schema: object, example?: unknown, rest: object = {}) =>
  document(
    { '/thing': { get: { responses: { 200: { description: 'ok', content: inXml(schema, example) } } } } },
    rest,
  )

async function answered(schema: object, example?: unknown, rest: object = {}): Promise<Element> {
  const mock = await start({ spec: reading(schema, example, rest), stateful: false })
  const { text, status, headers } = await send(mock, 'GET /thing')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe(XML)
  return rootOf(text)
}

const post = (mock: MockServer, path: string, xml: string, type = XML) =>
  send(mock, `POST ${path}`, xml, { 'content-type': type })

const BOOK = {
  type: 'object',
  required: ['title', 'authors'],
  xml: { name: 'book' },
  properties: {
    id: { ...integer, readOnly: true, xml: { attribute: true } },
    lang: { ...string, xml: { attribute: true } },
    title: { ...string, minLength: 2 },
    pages: { ...integer, xml: { name: 'pageCount' } },
    authors: {
      type: 'array',
      minItems: 1,
      xml: { wrapped: true },
      items: { ...string, xml: { name: 'author' } },
    },
    tags: { type: 'array', items: { ...string, xml: { name: 'tag' } } },
  },
}

const library = () => {
  const book = { $ref: '#/components/schemas/Book' }
  const both = { [XML]: { schema: book }, 'application/json': { schema: book } }
  const books = { type: 'array', xml: { name: 'library', wrapped: true }, items: book }
  return document(
    {
      '/books': {
        get: {
          responses: {
            200: {
              description: 'ok',
              content: { 'application/json': { schema: books }, [XML]: { schema: books } },
            },
          },
        },
        post: {
          requestBody: { required: true, content: both },
          responses: { 201: { description: 'made', content: both } },
        },
      },
      '/books/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: integer }],
        get: {
          responses: {
            200: { description: 'ok', content: both },
            404: { description: 'none', content: inXml({ $ref: '#/components/schemas/Fault' }) },
          },
        },
      },
    },
    {
      components: {
        schemas: {
          Book: BOOK,
          Fault: { type: 'object', required: ['message'], properties: { message: string } },
        },
      },
    },
  )
}

describe('an answer in XML', () => {
  it('has attributes, wrapped lists and bare lists where the document says so', async () => {
    const example = { id: 7, title: 'A & B <c>', pages: 3, authors: ['Ann', 'Bo'], tags: ['x', 'y'] }
    const root = await answered(BOOK, example)
    expect(root.tagName).toBe('book')
    expect(root.getAttribute('id')).toBe('7')
    expect(childrenOf(root).map(({ tagName, textContent }) => [tagName, textContent])).toEqual([
      ['title', 'A & B <c>'],
      ['pageCount', '3'],
      ['authors', 'AnnBo'],
      ['tag', 'x'],
      ['tag', 'y'],
    ])
    const [, , authors] = childrenOf(root)
    expect(authors && childrenOf(authors).map(({ tagName }) => tagName)).toEqual(['author', 'author'])
  })

  it('has one root element also for a list, named after the list or its items', async () => {
    const items = { $ref: '#/components/schemas/Pet' }
    const pets = {
      components: { schemas: { Pet: { type: 'object', required: ['name'], properties: { name: string } } } },
    }
    const named = await answered({ type: 'array', minItems: 2, items, xml: { name: 'zoo' } }, undefined, pets)
    expect([named.tagName, childrenOf(named)[0]?.tagName]).toEqual(['zoo', 'Pet'])
    const bare = await answered({ type: 'array', minItems: 2, items }, undefined, pets)
    expect([bare.tagName, childrenOf(bare)[0]?.tagName]).toEqual(['Pets', 'Pet'])
  })

  it('is named after its component, and a property after its own name up to OpenAPI 3.1, after its component since', async () => {
    const Name = { type: 'object', required: ['first'], properties: { first: string } }
    const Person = {
      type: 'object',
      required: ['name'],
      properties: { name: { $ref: '#/components/schemas/Name' } },
    }
    for (const [openapi, name] of [
      ['3.0.3', 'name'],
      ['3.1.0', 'name'],
      ['3.2.0', 'Name'],
    ]) {
      const rest = { openapi, components: { schemas: { Name, Person } } }
      const root = await answered({ $ref: '#/components/schemas/Person' }, undefined, rest)
      expect([root.tagName, childrenOf(root)[0]?.tagName]).toEqual(['Person', name])
    }
  })

  it('declares every prefix and namespace that it uses, once', async () => {
    const inNamespace = { namespace: 'http://example.com/a', prefix: 'a' }
    const schema = {
      type: 'object',
      required: ['id', 'ref', 'note'],
      xml: { name: 'doc', namespace: 'http://example.com/default' },
      properties: {
        id: { ...integer, xml: inNamespace },
        ref: { ...string, xml: { ...inNamespace, attribute: true } },
        note: {
          type: 'object',
          required: ['id'],
          xml: inNamespace,
          properties: { id: { ...integer, xml: { prefix: 'a' } } },
        },
      },
    }
    const root = await answered(schema)
    expect(root.namespaceURI).toBe('http://example.com/default')
    expect(root.hasAttributeNS('http://example.com/a', 'ref')).toBe(true)
    const [id, note] = childrenOf(root)
    expect([id?.tagName, id?.namespaceURI]).toEqual(['a:id', 'http://example.com/a'])
    expect(note && childrenOf(note)[0]?.namespaceURI).toBe('http://example.com/a')
  })

  it('has the nodes that nodeType names: text, CDATA, none, and an element around a list', async () => {
    const schema = {
      type: 'object',
      xml: { name: 'animals' },
      required: ['kinds', 'html', 'size'],
      properties: {
        kinds: {
          type: 'array',
          xml: { nodeType: 'element' },
          items: {
            type: 'object',
            xml: { name: 'animal' },
            properties: {
              kind: { ...string, xml: { nodeType: 'attribute' } },
              name: { ...string, xml: { nodeType: 'text' } },
            },
          },
        },
        html: {
          type: 'object',
          required: ['raw'],
          properties: { raw: { ...string, xml: { nodeType: 'cdata' } } },
        },
        size: { type: 'object', xml: { nodeType: 'none' }, properties: { width: integer } },
      },
    }
    const example = {
      kinds: [
        { kind: 'Cat', name: 'Fluffy' },
        { kind: 'Dog', name: 'Fido' },
      ],
      html: { raw: '<b>]]></b>' },
      size: { width: 3 },
    }
    const root = await answered(schema, example)
    const [kinds, html, width] = childrenOf(root)
    const [cat] = kinds === undefined ? [] : childrenOf(kinds)
    expect([cat?.tagName, cat?.getAttribute('kind'), cat?.textContent]).toEqual(['animal', 'Cat', 'Fluffy'])
    expect(html?.textContent).toBe('<b>]]></b>')
    expect([width?.tagName, width?.textContent]).toEqual(['width', '3'])
  })

  it('says null with xsi:nil, and leaves a null attribute out', async () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'] },
        b: { type: ['string', 'null'], xml: { attribute: true } },
      },
    }
    const root = await answered(schema, { a: null, b: null })
    expect(childrenOf(root)[0]?.getAttributeNS('http://www.w3.org/2001/XMLSchema-instance', 'nil')).toBe(
      'true',
    )
    expect(root.hasAttribute('b')).toBe(false)
  })

  it('is an example as it stands where the example is XML already', async () => {
    const mock = await start({ spec: reading(string, '<?xml version="1.0"?>\n<a b="c"/>'), stateful: false })
    expect((await send(mock, 'GET /thing')).text).toBe('<?xml version="1.0"?>\n<a b="c"/>')
  })
})

describe('a body in XML', () => {
  it('stores the same thing as JSON does, and both can be read in either', async () => {
    const mock = await start({ spec: library() })
    const fromXml = await post(
      mock,
      '/books',
      '<book lang="en"><title>Ab</title><pageCount>9</pageCount><authors><author>Ann</author></authors><tag>x</tag><tag>y</tag></book>',
    )
    expect(fromXml.status).toBe(201)
    const value = { lang: 'en', title: 'Ab', pages: 9, authors: ['Ann'], tags: ['x', 'y'] }
    const fromJson = await send(mock, 'POST /books', value)
    expect(fromXml.json).toEqual({ ...value, id: expect.any(Number) })
    expect(fromJson.json).toEqual({ ...value, id: expect.any(Number) })
    expect((await send(mock, `GET /books/${fromXml.json.id}`)).json).toEqual(fromXml.json)
    const shown = rootOf(
      (await send(mock, `GET /books/${fromJson.json.id}`, undefined, { accept: XML })).text,
    )
    expect(shown.getAttribute('id')).toBe(String(fromJson.json.id))
    const list = rootOf(
      (await send(mock, 'GET /books', undefined, { accept: 'text/xml, application/xml' })).text,
    )
    expect(list.tagName).toBe('library')
    expect(childrenOf(list).map((one) => one.getAttribute('id'))).toEqual(
      expect.arrayContaining([String(fromXml.json.id), String(fromJson.json.id)]),
    )
  })

  it('is held against the schema, and errors are XML where the document describes them so', async () => {
    const mock = await start({ spec: library() })
    const refused = async (xml: string) => {
      const { status, text } = await post(mock, '/books', xml)
      expect(status).toBe(400)
      return text
    }
    expect(await refused('<book><title>A</title><authors><author>Ann</author></authors></book>')).toMatch(
      /title/,
    )
    expect(await refused('<book><title>Ab</title></book>')).toMatch(/authors/)
    expect(await refused('<book><title>Ab</title><authors/></book>')).toMatch(/authors/)
    expect(
      await refused(
        '<book><title>Ab</title><authors><author>A</author></authors><pageCount>many</pageCount></book>',
      ),
    ).toMatch(/pages/)
    expect(await refused('<tome><title>Ab</title><authors><author>A</author></authors></tome>')).toMatch(
      /&lt;book&gt;/,
    )
    const missing = await send(mock, 'GET /books/999', undefined, { accept: XML })
    expect([missing.status, rootOf(missing.text).tagName]).toEqual([404, 'Fault'])
  })

  it('takes any prefix for a namespace, none at all, CDATA, comments and numbered characters', async () => {
    const ns = { prefix: 'p', namespace: 'http://example.com/p' }
    const schema = {
      type: 'object',
      required: ['a'],
      xml: { name: 'r', ...ns },
      properties: { a: { ...string, xml: ns }, n: integer },
    }
    const content = inXml(schema)
    const spec = document({
      '/x': {
        post: {
          requestBody: { content },
          responses: { 200: { description: 'ok', content: { 'application/json': { schema } } } },
        },
      },
    })
    const mock = await start({ spec })
    for (const xml of [
      '<p:r xmlns:p="http://example.com/p"><p:a>t&amp;&#x41;</p:a><n> 4 </n></p:r>',
      '\uFEFF<?xml version="1.0"?><!-- <x> --><q:r xmlns:q="http://example.com/p"><q:a><![CDATA[t&]]>A</q:a><n>4</n></q:r>',
      '<r><a>t&amp;A</a><n>4</n></r>',
      '<r xmlns="http://example.com/p"><a>t&amp;A</a><n>4</n></r>',
    ]) {
      const { status, json } = await post(mock, '/x', xml, 'application/vnd.x+xml')
      expect([xml, status]).toEqual([xml, 200])
      expect(json).toMatchObject({ a: 't&A', n: 4 })
    }
    expect(
      (await post(mock, '/x', '<r xmlns:o="http://example.com/o"><o:a>t</o:a></r>', 'text/xml')).status,
    ).toBe(400)
  })

  it('is refused with the reason when it is malformed, declares a document type or names unknown entities', async () => {
    const mock = await start({
      spec: document({
        '/x': {
          post: { requestBody: { content: { [XML]: {} } }, responses: { 204: { description: 'ok' } } },
        },
      }),
    })
    for (const [xml, reason] of [
      ['', /./],
      ['text', /not valid XML/],
      ['<a>', /not valid XML/],
      ['<a></b>', /not valid XML/],
      ['<a/><b/>', /not valid XML/],
      ['<a b=c/>', /not valid XML/],
      ['<a b="1" b="2"/>', /not valid XML/],
      ['<a>&nosuch;</a>', /&nosuch; is not defined/],
      ['<a>&#0;</a>', /not defined/],
      ['<x:a/>', /prefix x is not declared/],
      ['<a><!-- ', /never closed/],
      ['<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', /type declarations are not read/],
      ['<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>', /type declarations are not read/],
      ['<a>'.repeat(5_000) + '</a>'.repeat(5_000), /deeper than/],
    ] as const) {
      const { status, text } = await post(mock, '/x', xml)
      if (xml === '') continue
      expect([xml.slice(0, 40), status]).toEqual([xml.slice(0, 40), 400])
      expect(text).toMatch(reason)
    }
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString']) {
      const { status } = await post(mock, '/x', `<a><${name} x="1">2</${name}></a>`)
      expect([204, 400]).toContain(status)
    }
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('is text where its schema is a mere string', async () => {
    const content = { 'text/xml': { schema: { ...string, minLength: 5 } } }
    const mock = await start({
      spec: document({
        '/x': { post: { requestBody: { content }, responses: { 204: { description: 'ok' } } } },
      }),
    })
    expect((await post(mock, '/x', '<anything at all', 'text/xml')).status).toBe(204)
    expect((await post(mock, '/x', '<a>', 'text/xml')).status).toBe(400)
  })
})

/** Schemas with the `xml` keywords anywhere that they may be, and values of them. */
const NAME = fc.constantFrom('a', 'b', 'cC', 'd-e', 'f_g', 'name', 'value', 'é')
const scalar = fc.constantFrom(
  { schema: string, value: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { schema: integer, value: fc.integer() },
  {
    schema: { type: 'number' },
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  },
  { schema: { type: 'boolean' }, value: fc.boolean() },
)
interface Case {
  readonly schema: Record<string, unknown>
  readonly value: fc.Arbitrary<unknown>
}
const withXml = (schema: object, xml: object): Record<string, unknown> =>
  Object.keys(xml).length === 0 ? { ...schema } : { ...schema, xml }
const NAMESPACE = fc.constantFrom(
  {},
  { prefix: 'p', namespace: 'urn:p' },
  { prefix: 'q', namespace: 'urn:q' },
)

const caseOf: (depth: number) => fc.Arbitrary<Case> = (depth) =>
  depth === 0
    ? scalar
    : fc.oneof(
        scalar,
        fc.tuple(caseOf(depth - 1), fc.boolean(), NAMESPACE).map(([item, wrapped, namespace]) => ({
          schema: withXml(
            { type: 'array', items: withXml(item.schema, { ...(item.schema.xml as object), ...namespace }) },
            wrapped ? { wrapped } : {},
          ),
          value: fc.array(item.value, { minLength: 1, maxLength: 3 }),
        })),
        objectOf(depth),
      )

const objectOf = (depth: number): fc.Arbitrary<Case> =>
  fc
    .uniqueArray(fc.tuple(NAME, fc.oneof(attribute, caseOf(depth - 1)), NAMESPACE), {
      selector: ([name]) => name,
      maxLength: 4,
    })
    .map((members) => ({
      schema: {
        type: 'object',
        additionalProperties: false,
        required: members.map(([name]) => name),
        properties: Object.fromEntries(
          members.map(([name, { schema }, namespace]) => [
            name,
            withXml(schema, { ...(schema.xml as object), ...namespace }),
          ]),
        ),
      },
      value: fc.record(Object.fromEntries(members.map(([name, { value }]) => [name, value]))),
    }))

const attribute: fc.Arbitrary<Case> = scalar.map(({ schema, value }) => ({
  schema: { ...schema, xml: { attribute: true } },
  value,
}))

describe('both directions', () => {
  it('agree: what is written as XML is read as the same value, for schemas of any shape', () => {
    fc.assert(
      fc.property(
        objectOf(3).chain(({ schema, value }) => fc.tuple(fc.constant(schema), value)),
        ([schema, value]) => {
          const doc = loadDocument(reading(schema))
          const schemas = createSchemas(doc)
          const validation = createValidation(schemas, createBudget(), () => {})
          const xml = createXml(doc, schemas, createCoercion(schemas, validation))
          const converted = schemas.convert(schema, 'request')
          const text = xml.write(value, converted)
          rootOf(text)
          expect(xml.read(text, converted, { maxDepth: 100, maxValues: 10_000 })).toEqual({ ok: true, value })
        },
      ),
      { numRuns: 200 },
    )
  })
})
