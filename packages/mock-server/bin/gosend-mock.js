#!/usr/bin/env node
import * as module from 'node:module'

// Node 22 and later start the command from what they have compiled before.
module.enableCompileCache?.()
await import('../dist/bundle.js')
