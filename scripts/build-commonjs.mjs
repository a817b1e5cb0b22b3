// Builds the CommonJS of the package in the working directory from its compiled ES modules: dist/commonjs. ESM-only libraries
// are bundled, since a loader that needs CommonJS cannot load them, and each dynamic import becomes a require(): Jest, for
// one, has neither. ARCHITECTURE.md says who loads which copy.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { build } from 'vite'

const source = 'dist'
const target = 'dist/commonjs'
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const { resolve } = createRequire(`${process.cwd()}/package.json`)

const entries = Object.values(manifest.exports).flatMap((conditions) =>
  typeof conditions === 'string' ? [] : [relative(source, conditions.default)],
)

/** Whether `require()` of a dependency would load an ES module. */
function isEsmOnly(name) {
  const { type, exports } = JSON.parse(readFileSync(manifestOf(name), 'utf8'))
  return type === 'module' && !JSON.stringify(exports ?? {}).includes('"require":')
}

function manifestOf(name) {
  const path = resolve.paths(name).map((folder) => `${folder}/${name}/package.json`)
  return path.find((file) => {
    try {
      return readFileSync(file)
    } catch {
      return false
    }
  })
}

/** With the libraries that they need themselves. */
function esmOnly(names) {
  return names.filter(isEsmOnly).flatMap((name) => {
    const { dependencies = {} } = JSON.parse(readFileSync(manifestOf(name), 'utf8'))
    return [name, ...esmOnly(Object.keys(dependencies))]
  })
}

const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
const bundled = esmOnly(Object.keys(manifest.dependencies ?? {}))

rmSync(target, { recursive: true, force: true })
await build({
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: bundled, external: dependencies.filter((name) => !bundled.includes(name)) },
  build: {
    ssr: true,
    outDir: target,
    copyPublicDir: false,
    target: 'node20',
    license: { fileName: 'licenses.md' },
    rollupOptions: {
      // It is kept: each entry that has one is a file of its own.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      input: Object.fromEntries(entries.map((file) => [file.replace(/\.js$/, ''), `${source}/${file}`])),
      output: {
        format: 'cjs',
        exports: 'named',
        dynamicImportInCjs: false,
        entryFileNames: '[name].js',
        // Beside each other, because code finds its files from where it is.
        chunkFileNames: '[name]-[hash].js',
      },
    },
  },
})
for (const file of readdirSync(source, { recursive: true })) {
  if (file.endsWith('.d.ts') && !file.startsWith('commonjs')) cpSync(`${source}/${file}`, `${target}/${file}`)
}
writeFileSync(`${target}/package.json`, '{ "type": "commonjs" }\n')
