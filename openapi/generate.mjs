// Writes the TypeScript types of every contract into src/generated, or into the folder named as the only argument.
// What it writes depends on the documents alone: no network, no configuration file.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import ts from 'typescript'

const contracts = {
  'gosend.ts': 'gosend.yaml',
  'management.ts': 'management.json',
  'control.ts': 'control.yaml',
}

const here = import.meta.dirname
const folder = path.resolve(process.argv[2] ?? path.join(here, 'src/generated'))

/** Files in forms are handed over as what `FormData` takes. */
function transform({ format }) {
  if (format === 'binary') return ts.factory.createTypeReferenceNode('Blob')
}

await mkdir(folder, { recursive: true })
for (const [types, contract] of Object.entries(contracts)) {
  const document = new URL(contract, import.meta.url)
  // A default is what the server fills in, so the property stays optional for clients.
  const ast = await openapiTS(document, { defaultNonNullable: false, silent: true, transform })
  await writeFile(path.join(folder, types), COMMENT_HEADER + astToString(ast))
}
