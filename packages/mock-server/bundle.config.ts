// How the command is made of what tsc has compiled: one file, with the keys' core in it, for Node takes longer to find a
// hundred modules than to run them. Programs that import the package get its modules as they are.

import { defineConfig, type UserConfig } from 'vite'

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
    rollupOptions: { output: { entryFileNames: 'certificate-maker.js' } },
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

const command: UserConfig = {
  logLevel: 'warn',
  ssr: {
    noExternal: [
      '@gosend/auth-core',
      '@gosend/options',
      'ipaddr.js',
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
      output: {
        entryFileNames: 'bundle.js',
        chunkFileNames: 'bundle-[name].js',
        // The names stay, for the traces of errors.
        minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
}

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig(({ mode }) => ({ certificates, libraries })[mode] ?? command)
