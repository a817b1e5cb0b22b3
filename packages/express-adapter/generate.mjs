// Writes what is made from the controllers, the management API's routes and its OpenAPI document: where tsoa.json expects
// them, or both into the folder named as the only argument.
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

const document = path.resolve(specConfig.outputDirectory, `${specConfig.specFileBaseName}.json`)
await writeFile(document, `${JSON.stringify(JSON.parse(await readFile(document, 'utf8')), null, 2)}\n`)
