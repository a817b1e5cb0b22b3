// How the dashboard's browser app is built into the package.

import { defineConfig } from 'vite'

// But what of the shared components only pages have that are loaded later.
const BASE =
  /(preact|virtual-core|dashboard-ui\/src\/(?!json|facts|hold)|locale|dashboard\/src\/(address|client|api|session|settings|ui\/(field|icons))).*\.(js|mjs|ts|tsx)$/

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig({
  // Relative addresses, because nobody knows under which path a host app mounts the dashboard.
  base: './',
  logLevel: 'warn',
  build: {
    outDir: '../dist/dashboard/app',
    emptyOutDir: true,
    target: 'es2022',
    // Older ones lack light-dark(), which would be written out at length.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The browser fetches all parts of the first view at once.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    rollupOptions: {
      input: { index: 'dashboard/index.html', shared: 'dashboard/src/shared.ts' },
      preserveEntrySignatures: 'exports-only',
      // Extensions know it by its name.
      output: {
        entryFileNames: ({ name }) => (name === 'shared' ? 'shared.js' : 'assets/[name]-[hash].js'),
        // One file for all that several of the others need.
        codeSplitting: { groups: [{ name: 'base', test: BASE }] },
      },
    },
  },
})
