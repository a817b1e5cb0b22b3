// What src/libraries.ts is in the command: the same libraries, out of its own bundle.

const libraries = {
  ajv: () => require('./ajv.cjs'),
  'js-yaml': () => require('./js-yaml.mjs'),
  regexpp: () => require('./regexpp.mjs'),
}

exports.loadLibrary = (name) => libraries[name]()
