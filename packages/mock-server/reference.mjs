// Puts the script and the styles of Swagger UI into dist/reference, compressed.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'

const files = {
  'swagger-ui.js': import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  'swagger-ui.css': import.meta.resolve('swagger-ui-dist/swagger-ui.css'),
}
await mkdir(new URL('dist/reference/', import.meta.url), { recursive: true })
for (const [name, source] of Object.entries(files)) {
  const text = await readFile(new URL(source), 'utf8')
  // No source map is shipped.
  const compressed = gzipSync(text.replace(/\n?(?:\/\/|\/\*)# sourceMappingURL=.*$/m, ''), { level: 9 })
  await writeFile(new URL(`dist/reference/${name}.gz`, import.meta.url), compressed)
}
