// How the dashboard's browser app is built into the package.

import { defineConfig } from 'vite'

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
  },
})
