// Documents that are changed by overlays before they are served.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyOverlay } from '../src/engine/document/overlay.js'
import { createMockServer } from '../src/index.js'
import { document, folder, ok, send, start } from './harness.js'

const overlayOf = (...actions: object[]) => ({
  overlay: '1.1.0',
  info: { title: 'O', version: '1' },
  actions,
})

const changed = (root: object, ...actions: object[]): unknown => {
  const copy = structuredClone(root)
  applyOverlay(copy as never, { name: 'overlay.yaml', tree: overlayOf(...actions) })
  return copy
}

describe('an overlay', () => {
  it('changes the document that is served, one after the other, and what it adds may refer to other files', async () => {
    const root = await folder()
    const spec = document({ '/pets': { get: ok({ const: 'Rex' }) }, '/dogs': { get: ok({ const: 'Tom' }) } })
    const files = {
      'api.json': spec,
      'cat.json': { const: 'Cat' },
      'first.yaml': overlayOf(
        { target: "$.paths['/dogs']", remove: true },
        { target: '$.paths', update: { '/cats': { get: ok({ $ref: 'cat.json' }) } } },
        { target: '$.paths.*.put', update: { deprecated: true } },
      ),
      'second.yaml': overlayOf({
        target: "$.paths['/pets'].get.responses['200'].content.*.schema.const",
        update: 'Max',
      }),
    }
    for (const [name, content] of Object.entries(files))
      await writeFile(join(root, name), JSON.stringify(content))
    const overlays = ['first.yaml', 'second.yaml'].map((name) => join(root, name))
    const mock = await start({ spec: join(root, 'api.json'), overlays })
    expect((await send(mock, 'GET /pets')).json).toBe('Max')
    expect((await send(mock, 'GET /cats')).json).toBe('Cat')
    expect((await send(mock, 'GET /dogs')).status).toBe(404)
    expect(mock.overview().warnings).toEqual([
      expect.stringMatching(/first\.yaml: actions\[2\] selects nothing with \$\.paths\.\*\.put/),
    ])
    const fromObject = await start({ spec, overlays: overlays.slice(1) })
    expect((await send(fromObject, 'GET /pets')).json).toBe('Max')
  })

  it('merges objects, adds to lists, replaces plain values, copies, and removes whatever is selected', () => {
    const root = { a: { b: { c: 1, list: [1] } }, list: [1, 2, 1, 3], copies: { x: {} }, text: 'a' }
    expect(
      changed(
        root,
        { target: '$.a', update: { b: { c: 2, d: 3, list: [2] } } },
        { target: '$.list', update: 4 },
        { target: '$.list', update: [5, 6] },
        { target: '$.list[?@ == 1]', remove: true },
        { target: '$.copies.x', copy: '$.a.b' },
        { target: '$.text', update: 'b', remove: false },
      ),
    ).toEqual({
      a: { b: { c: 2, d: 3, list: [1, 2] } },
      list: [2, 3, 4, 5, 6],
      copies: { x: { c: 2, d: 3, list: [1, 2] } },
      text: 'b',
    })
  })

  it('leaves all as it is where it merges the document with itself without lists, and removes all that it selects', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    const names = fc.string({ minLength: 1, maxLength: 3 })
    const tree = fc.dictionary(names, fc.oneof(leaf, fc.dictionary(names, leaf)))
    fc.assert(
      fc.property(tree, (root) => {
        const plain = JSON.parse(JSON.stringify(root)) as object
        expect(changed(plain, { target: '$', update: plain })).toEqual(plain)
        expect(changed(plain, { target: '$.*', remove: true })).toEqual({})
      }),
    )
  })

  it('removes exactly what it selects of a list, in whatever order it selects it', () => {
    const lists = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 6 })
    const chosen = lists.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray([...list.keys()], { minLength: 1 })),
    )
    fc.assert(
      fc.property(chosen, ([list, indexes]) => {
        const left = list.filter((_, index) => !indexes.includes(index))
        expect(changed({ list }, { target: `$.list[${indexes.join()}]`, remove: true })).toEqual({
          list: left,
        })
      }),
    )
  })

  it.each([
    [{ overlay: '2.0.0', actions: [] }, /overlay 2\.0\.0 is not supported/],
    [{ openapi: '3.1.0' }, /"overlay" must be 1\.0\.0 or 1\.1\.0/],
    [{ overlay: '1.0.0', actions: [] }, /at least one action/],
    [overlayOf({ update: 1 }), /actions\[0\]: needs a "target"/],
    [overlayOf({ target: '$.info' }), /needs "update", "copy" or "remove: true"/],
    [
      overlayOf({ target: '$.info', update: {} }, { target: '$.paths[', update: {} }),
      /actions\[1\]: .* RFC 9535/,
    ],
    [overlayOf({ target: '$', remove: true }), /whole document/],
    [overlayOf({ target: '$.info', update: 'text' }), /only an object/],
    [overlayOf({ target: '$.info.title', update: {} }), /plain value/],
    [overlayOf({ target: '$', update: { info: { title: [] } } }), /info\.title is of another kind/],
    [overlayOf({ target: '$.info', copy: '$.paths.*' }), /must select one node/],
  ])(
    'that cannot be applied keeps the mock from starting, with the action and the reason: %j',
    async (tree, why) => {
      const path = join(await folder(), 'overlay.json')
      await writeFile(path, JSON.stringify(tree))
      const starting = createMockServer({ spec: document({}), overlays: [path] })
      await expect(starting).rejects.toThrow(why)
      await expect(starting).rejects.toThrow('overlay.json')
    },
  )
})
