#!/usr/bin/env node
// The `solc` that forge calls: the compiler of npm, which is JavaScript and runs wherever Node.js does.
const { readFileSync } = require('node:fs')
const solc = require('solc')

const args = process.argv.slice(2)
if (args.includes('--version')) {
  // forge reads a platform at the end of the version, and knows none of its name
  const version = solc.version().replace('Emscripten.clang', 'Linux.g++')
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`)
} else if (args.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
} else {
  console.error(`Expected --version or --standard-json, got ${args.join(' ')}`)
  process.exitCode = 1
}
