// The command as V8 compiles it. The build keeps the code beside the bundle, because compiling it takes as long as everything
// else that Node does before it runs.

const { readFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join } = require('node:path')
const { Script } = require('node:vm')
const { crc32 } = require('node:zlib')

const bundle = join(__dirname, '../dist/bundle.cjs')
const { platform, arch, versions } = process
/** What V8 keeps is for one version of it on one kind of machine. */
const kept = join(__dirname, `../dist/bundle.${versions.v8}-${platform}-${arch}.cache`)

/** The bundle's checksum stands before the code: V8 itself compares no more than lengths. */
const CHECKSUM_BYTES = 4
function checksumOf(source) {
  const bytes = Buffer.alloc(CHECKSUM_BYTES)
  bytes.writeUInt32LE(crc32(source))
  return bytes
}

/** The bundle, which is ASCII, as a script: compiled, or from `code` if V8 takes it. */
const scriptOf = (source, code) =>
  new Script(Module.wrap(source.latin1Slice()), { filename: bundle, cachedData: code })

/** Runs the command as the module of its file, for its other chunks require what the bundle exports. */
function run(script) {
  const module = new Module(bundle)
  module.filename = bundle
  require.cache[bundle] = module
  script.runInThisContext()(module.exports, Module.createRequire(bundle), module, bundle, dirname(bundle))
}

/** The bundle as the build has compiled it; undefined where that was another V8, other flags or another bundle. */
function keptScript() {
  try {
    const code = readFileSync(kept)
    const source = readFileSync(bundle)
    if (!checksumOf(source).equals(code.subarray(0, CHECKSUM_BYTES))) return undefined
    const script = scriptOf(source, code.subarray(CHECKSUM_BYTES))
    return script.cachedDataRejected ? undefined : script
  } catch {
    return undefined
  }
}

module.exports = { bundle, kept, checksumOf, scriptOf, keptScript, run }
