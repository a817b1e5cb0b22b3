// How tsoa's run time becomes one file of the package: see src/management/tsoa-runtime.ts.

import { defineConfig } from 'vite'

const validators = ['equals', 'isFloat', 'isInt', 'isISO8601', 'matches', 'toFloat', 'toInt']

// biome-ignore lint/style/noDefaultExport: Vite asks for one.
export default defineConfig({
  logLevel: 'warn',
  ssr: { noExternal: true },
  plugins: [
    {
      // tsoa uses seven of this library's hundred functions, and asks for them in a way that no bundler can see through.
      name: 'validators-in-use',
      enforce: 'pre',
      resolveId: (id) => (id === 'validator' ? '\0validator' : undefined),
      load: (id) =>
        id === '\0validator'
          ? `${validators.map((name) => `import ${name} from 'validator/es/lib/${name}.js'`).join('\n')}
             export default { ${validators.join(', ')} }`
          : undefined,
    },
  ],
  build: {
    ssr: 'dist/management/tsoa-runtime.js',
    outDir: 'dist/management',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'node20',
    license: { fileName: 'tsoa-runtime.licenses.md' },
    rollupOptions: { output: { entryFileNames: 'tsoa-runtime.js' } },
  },
})
