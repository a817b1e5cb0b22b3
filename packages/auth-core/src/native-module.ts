// What to do about a package with a native binary that cannot be loaded: npm was told to run no scripts, or Node has changed.

const NO_BINARY = /^(?:Could not locate the bindings file|No native build was found)/

/** One line that names the cure; undefined when something else is wrong. */
export function nativeModuleProblem(name: string, error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { message } = error
  const { code } = error as NodeJS.ErrnoException
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  if (isMissing && message.includes(`'${name}'`)) return `${name} is not installed: npm install ${name}`
  if (code !== 'ERR_DLOPEN_FAILED' && !NO_BINARY.test(message)) return undefined
  const { version, platform, arch } = process
  return `${name} has no binary for Node ${version} on ${platform}-${arch}: npm rebuild ${name}`
}

/**
 * One line that names the cure when a package says that it needs a later Node. To load it anyway would not fail but end the
 * process: its binary calls functions that this Node does not have.
 */
export function unsupportedNode(require: NodeJS.Require, name: string, last: string): string | undefined {
  let manifest: { readonly version: string; readonly engines?: { readonly node?: string } }
  try {
    manifest = require(`${name}/package.json`)
  } catch {
    return undefined
  }
  const least = Number(/^>=\s*(\d+)/.exec(manifest.engines?.node ?? '')?.[1] ?? 0)
  if (Number.parseInt(process.versions.node, 10) >= least) return undefined
  return `${name} ${manifest.version} needs Node ${least} or later, and this is ${process.version}: npm install ${name}@${last}`
}
