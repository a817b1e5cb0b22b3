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

/** What schemas are compiled with, loaded by programs and by the command. */
const validator: UserConfig = {
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: 'validator.cjs',
    outDir: 'dist',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'node20',
    license: { fileName: 'validator.licenses.md' },
    rollupOptions: { output: { format: 'cjs', entryFileNames: 'validator.cjs' } },
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
    rollupOptions: { output: { entryFileNames: 'bundle.js', chunkFileNames: 'bundle-[name].js' } },
  },
}

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig(({ mode }) => ({ certificates, validator })[mode] ?? command)
