// How <gosend-keys> is built into one file that a page or a bundler loads: dist/element/gosend-keys.js.

import { defineConfig } from 'vite'

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig({
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: '../dist/element',
    // Beside what the compiler puts there.
    emptyOutDir: false,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    license: { fileName: 'licenses.md' },
    // Bundlers leave a library as it is, and pages load it as it is.
    minify: 'oxc',
    lib: {
      entry: '../dashboard/src/element/index.tsx',
      formats: ['es'],
      fileName: () => 'gosend-keys.js',
    },
  },
})
