// How the command is made of what tsc has compiled: one file, with the keys' core in it, for Node takes longer to find a
// hundred modules than to run them. It is CommonJS, because Node 20 keeps nothing of what it compiles, and takes kept code for
// scripts alone. Programs that import the package get its modules as they are.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin, type UserConfig } from 'vite'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What makes certificates, with the library that it takes: loaded by programs and by the command, and installed by neither. */
const certificates: UserConfig = {
  logLevel: 'warn',
  ssr: { noExternal: ['node-forge'] },
  build: {
    ssr: 'dist/server/certificate-maker.js',
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'node20',
    license: { fileName: 'certificate-maker.licenses.md' },
    rollupOptions: { output: { format: 'cjs', entryFileNames: 'certificate-maker.cjs' } },
  },
}

/**
 * Libraries as one file each, without the parts that are not used: Node takes longer to find their modules than to run them.
 * Loaded by programs and by the command when they are first needed, and installed by neither.
 */
const libraries: UserConfig = {
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: true,
    outDir: 'dist/libraries',
    copyPublicDir: false,
    target: 'node20',
    minify: true,
    license: { fileName: 'licenses.md' },
    rollupOptions: {
      input: {
        ajv: 'libraries/ajv.cjs',
        'js-yaml': 'libraries/js-yaml.mjs',
        regexpp: 'libraries/regexpp.mjs',
      },
      output: { format: 'cjs', entryFileNames: '[name].cjs' },
    },
  },
}

/** Node reads a text of ASCII faster, and keeps it in half the memory. */
const ascii: Plugin = {
  name: 'ascii',
  generateBundle(_options, files) {
    for (const file of Object.values(files))
      if (file.type === 'chunk')
        file.code = file.code.replace(
          /[^\0-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
  },
}

/** After each build, for code is kept of the very bundle that is there. */
const keepCompiled: Plugin = {
  name: 'keep-compiled',
  closeBundle: () =>
    void execFileSync(process.execPath, [path('keep-compiled.mjs')], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
}

const command: UserConfig = {
  logLevel: 'warn',
  plugins: [ascii, keepCompiled],
  resolve: { alias: [{ find: /^.*\/libraries\.js$/, replacement: path('libraries/bundled.cjs') }] },
  ssr: {
    noExternal: [
      '@eslint-community/regexpp',
      '@gosend/auth-core',
      '@gosend/options',
      'ajv',
      'ajv-formats',
      'fast-deep-equal',
      'fast-uri',
      'ipaddr.js',
      'js-yaml',
      'json-schema-traverse',
      'leven',
      'lru-cache',
      'p-limit',
      'range-parser',
      'yocto-queue',
    ],
    external: ['@gosend/express-adapter', '@gosend/openapi'],
  },
  build: {
    ssr: 'dist/cli.js',
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'node20',
    license: { fileName: 'bundle.licenses.md' },
    rollupOptions: {
      // To keep what is compiled takes longer than the build.
      checks: { bundlerTimings: false },
      output: {
        format: 'cjs',
        dynamicImportInCjs: false,
        // As the modules are that it is made of.
        strict: true,
        entryFileNames: 'bundle.cjs',
        chunkFileNames: 'bundle-[name].cjs',
        // The names stay, for the traces of errors.
        minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
}

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig(({ mode }) => ({ certificates, libraries })[mode] ?? command)
