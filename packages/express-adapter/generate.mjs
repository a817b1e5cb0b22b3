// Writes what is made from the controllers, the management API's routes, the table of its operations and its OpenAPI
// document: where tsoa.json expects them, or all into the folder named as the only argument.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { generateRoutes, generateSpec } from 'tsoa'

process.chdir(import.meta.dirname)
const folder = process.argv[2]
const { spec, routes, ...common } = JSON.parse(await readFile('tsoa.json', 'utf8'))

const specConfig = { ...common, ...spec, ...(folder && { outputDirectory: folder }) }
const routesConfig = { ...common, ...routes, ...(folder && { routesDir: folder }) }
// One after the other, each on its own: the document names the security that managementRouter demands, the routes do not.
await generateSpec(specConfig)
await generateRoutes(routesConfig)

// The routes reach tsoa through the one module that the build bundles.
const routesFile = path.resolve(routesConfig.routesDir, 'routes.ts')
const routesText = await readFile(routesFile, 'utf8')
await writeFile(routesFile, routesText.replaceAll("'@tsoa/runtime'", "'../tsoa-runtime.js'"))

const file = path.resolve(specConfig.outputDirectory, `${specConfig.specFileBaseName}.json`)
const document = JSON.parse(await readFile(file, 'utf8'))
await writeFile(file, `${JSON.stringify(document, null, 2)}\n`)

const namesIn = ({ parameters = [] }) =>
  parameters.filter((one) => one.in === 'query').map(({ name }) => name)
const operations = Object.fromEntries(
  Object.entries(document.paths).map(([template, methods]) => [
    template.replace(/\{(\w+)\}/g, ':$1'),
    Object.fromEntries(Object.entries(methods).map(([name, one]) => [name.toUpperCase(), namesIn(one)])),
  ]),
)
await writeFile(
  path.resolve(routesConfig.routesDir, 'operations.ts'),
  `// Path, method, names of the query's parameters: made by generate.mjs from the controllers.
export const operations: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> =
${JSON.stringify(operations, null, 2)}
`,
)
