// How the script that the page starts with is built into the package: all in one, for it waits for no other.

import { defineConfig } from 'vite'

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig({
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: '../dist/dashboard/app',
    // Beside the rest of the page.
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2022',
    lib: { entry: 'src/start.ts', formats: ['iife'], name: 'start', fileName: () => 'start.js' },
    // Of the modules that it shares with the page it needs single functions.
    rollupOptions: { treeshake: { moduleSideEffects: false } },
  },
})
