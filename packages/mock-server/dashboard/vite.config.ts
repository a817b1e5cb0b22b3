// How the sandbox's pages are built into the package: one module and one style sheet per mode. `any` has what makes sense
// for every API, `gosend` GoSendAPI's views as well.

import { defineConfig } from 'vite'

// The dashboard has them already, and its extensions take them from there.
const SHARED = ['preact', 'preact/hooks', 'preact/jsx-runtime', '@tanstack/virtual-core']

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig(({ mode }) => ({
  base: './',
  logLevel: 'warn',
  // Modes choose the entry, nothing else: all of them are for production.
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: `../dist/dashboard/${mode}`,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    license: { fileName: 'licenses.md' },
    rollupOptions: {
      input: `src/${mode}.ts`,
      external: SHARED,
      preserveEntrySignatures: 'strict',
      output: {
        entryFileNames: 'index.js',
        assetFileNames: 'index[extname]',
        paths: () => '../../../shared.js',
      },
    },
  },
}))
