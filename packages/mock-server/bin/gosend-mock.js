#!/usr/bin/env node
const { enableCompileCache } = require('node:module')
const { bundle, keptScript, run } = require('./compiled.js')

const script = keptScript()
if (script === undefined) {
  // Node 22 and later start the command from what they have compiled before.
  enableCompileCache?.()
  require(bundle)
} else run(script)
