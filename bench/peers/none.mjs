// Express without authentication: what the others are measured against.

export async function seed(_file, { keys }) {
  return Array.from({ length: keys }, (_, i) => `key-${i}`)
}

export async function open() {
  return { middleware: (_request, _response, next) => next(), close() {} }
}
