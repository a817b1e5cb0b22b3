// The public API of each package as pages, from the comments in its code.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application } from 'typedoc'

/** The published packages, with the folder that their pages are in. */
const PACKAGES = {
  'packages/auth-core': 'auth-core',
  'packages/express-adapter': 'express-adapter',
  'packages/mock-server': 'gosend-mock',
  openapi: 'openapi',
}

/** Writes a page for each entry point below `folder`. @throws Error when TypeDoc cannot read one. */
export async function writeApi(root, folder) {
  for (const [place, name] of Object.entries(PACKAGES)) {
    const manifest = JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8'))
    // What is compiled from elsewhere, such as components of the dashboard, is described in its README.
    const entries = entryPointsOf(manifest).filter(({ source }) => existsSync(join(root, place, source)))
    const app = await Application.bootstrapWithPlugins({
      entryPoints: entries.map(({ source }) => join(root, place, source)),
      tsconfig: join(root, place, 'tsconfig.json'),
      plugin: ['typedoc-plugin-markdown'],
      name: manifest.name,
      out: join(folder, name),
      readme: 'none',
      // `npm run check` has done so.
      skipErrorChecking: true,
      disableSources: true,
      disableGit: true,
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      externalPattern: ['**/generated/**', '**/node_modules/**'],
      logLevel: 'Error',
      outputFileStrategy: 'modules',
      entryFileName: entries.length === 1 ? 'index' : 'modules',
      hideBreadcrumbs: true,
      hidePageHeader: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      typeDeclarationFormat: 'table',
      propertyMembersFormat: 'table',
    })
    const project = await app.convert()
    if (project === undefined) throw new Error(`TypeDoc cannot read ${place}`)
    await app.generateOutputs(project)
    nameByEntryPoint(join(folder, name), entries)
  }
}

function entryPointsOf({ name, exports }) {
  return Object.entries(exports)
    .map(([path, entry]) => ({
      specifier: name + path.slice(1),
      types: entry.types ?? entry['module-sync']?.types ?? '',
    }))
    .filter(({ types }) => types.endsWith('.d.ts'))
    .map(({ specifier, types }) => {
      const module = types.replace('./dist/', '').replace('.d.ts', '')
      return {
        specifier,
        source: `src/${module}.ts`,
        page: module === 'index' ? module : module.replace(/\/index$/, ''),
      }
    })
}

/** TypeDoc names pages by files. People import them by entry points. */
function nameByEntryPoint(folder, entries) {
  rmSync(join(folder, 'modules.md'), { force: true })
  const others = entries.filter(({ page }) => page !== 'index')
  for (const { specifier, page } of entries) {
    const file = join(folder, `${page}.md`)
    if (!existsSync(file)) throw new Error(`TypeDoc made no page for ${specifier}`)
    const list = others.map((one) => `- [\`${one.specifier}\`](${one.page}.md)`).join('\n')
    const before = page === 'index' && list !== '' ? `Other entry points:\n\n${list}\n\n` : ''
    const text = readFileSync(file, 'utf8').replace(/^# .*\n/, `# ${specifier}\n\n${before}`)
    writeFileSync(file, withRightAnchors(text))
  }
}

/** TypeDoc counts some headings twice, and then numbers links to them as if there were a second one. */
function withRightAnchors(text) {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading.replace(/\W/g, '').toLowerCase(),
  )
  return text.replace(/\(#([a-z]+)-1\)/g, (link, name) =>
    headings.filter((heading) => heading === name).length === 1 ? `(#${name})` : link,
  )
}
